# SPDX-License-Identifier: Apache-2.0
"""Force a member down by a mark in its store: mark.py URL GROUP MEMBER."""

import ctypes
import sys

library = ctypes.CDLL('build/default/libservicegroup.so')
url, group, member = [word.encode() for word in sys.argv[1:]]
handle = ctypes.c_void_p()
# struct sg_marks: disabled, forced_down, disabled_reason
marks = ctypes.create_string_buffer(b'\0\1', 258)
code = library.sg_open(url, None, ctypes.byref(handle)) or library.sg_set_marks(
    handle, group, member, marks)
library.sg_close(handle)
sys.exit(code != 0)
