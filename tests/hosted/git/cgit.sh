#!/bin/sh
# SPDX-License-Identifier: MIT
CGIT_CONFIG=@DIR@/cgitrc HOME=@DIR@
export CGIT_CONFIG HOME
exec /usr/lib/cgit/cgit.cgi
