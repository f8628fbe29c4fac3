/* SPDX-License-Identifier: Apache-2.0
 * fail.h - the allocations of the driver, and of it alone, fail when asked.
 *
 * A copy of the driver's library is linked here in which malloc and its kin
 * have other names (see `symbols`): what client libraries, the fakes and this
 * program allocate is never touched. A thread is an allocation, too.
 */
#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>

/* From now on the n-th fails, and with `for_good` all that come after. */
void fail_arm(long n, bool for_good);
/* Nothing fails any more. How many have? */
long fail_disarm(void);

#endif
