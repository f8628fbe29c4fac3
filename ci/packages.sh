#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# packages.sh - sees to it that the packages of some sets are there.
#
#   sh ci/packages.sh SET...     sets of the file ci/packages
#
# Does nothing, and needs no rights, when all are installed. Root gets what is
# missing by apt-get; anybody else is told the command.
set -u

cd "$(dirname "$0")/.." || exit 1
[ $# -gt 0 ] || { echo 'usage: sh ci/packages.sh SET...' >&2; exit 2; }

log=build/logs/packages.log
policy=/usr/sbin/policy-rc.d
mark='written by ci/packages.sh for the time of its installation'

for set in "$@"; do
    grep -q "^$set " ci/packages && continue
    echo "packages.sh: no set named $set" >&2
    exit 2
done

# The choices of the sets, one a line, in the order of the file.
wanted() {
    for set in "$@"; do
        sed -n "s/^$set  *//p" ci/packages
    done
}

is_installed() {
    # One word an architecture; "not-installed" is another word.
    case " $(dpkg-query -W -f '${db:Status-Status} ' "$1" 2>/dev/null)" in
    *' installed '*) return 0 ;;
    esac
    return 1
}

# The first name of every choice of which nothing is installed.
missing() {
    wanted "$@" | while read -r choice; do
        found=no
        for name in $(echo "$choice" | tr '|' ' '); do
            ! is_installed "$name" || found=yes
        done
        [ $found = yes ] || echo "${choice%%|*}"
    done
}

# Debian's servers start on their usual ports as they are installed, unless
# this script, asked before, forbids it. One that stands there is obeyed.
forbid_daemons() {
    if [ -e $policy ] && ! grep -q "$mark" $policy; then
        return 0
    fi
    trap 'rm -f $policy' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >$policy
    chmod 755 $policy
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=120 \
        "$@" >>$log 2>&1 </dev/null
}

install() {
    echo "packages: installing $* (log: $log)"
    forbid_daemons
    apt update || echo 'packages: apt-get update failed, going on without'
    if ! apt install --no-install-recommends "$@"; then
        tail -n 15 $log >&2
        echo "packages: apt-get install $* failed" >&2
        return 1
    fi
    echo 'packages: installed'
}

if ! command -v dpkg-query >/dev/null; then
    echo 'packages: no dpkg-query here; these are the Debian names of what' \
        'is needed:' "$(wanted "$@" | tr '\n' ' ')" >&2
    exit 1
fi
names=$(missing "$@" | tr '\n' ' ')
names=${names% }
[ -n "$names" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "packages: missing: $names" >&2
    echo "packages: please run: sudo apt-get install -y $names" >&2
    exit 1
fi
mkdir -p build/logs && : >$log || exit 1
# shellcheck disable=SC2086
install $names || exit 1
names=$(missing "$@" | tr '\n' ' ')
[ -z "$names" ] || {
    echo "packages: still missing: $names" >&2
    exit 1
}
