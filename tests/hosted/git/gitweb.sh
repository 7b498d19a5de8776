#!/bin/sh
# SPDX-License-Identifier: MIT
GITWEB_CONFIG=@DIR@/gitweb.conf HOME=@DIR@
export GITWEB_CONFIG HOME
exec /usr/share/gitweb/gitweb.cgi
