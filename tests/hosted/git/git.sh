#!/bin/sh
# SPDX-License-Identifier: MIT
# Git's own CGI program, for the repositories in a folder; who may read may write.
GIT_PROJECT_ROOT=@DIR@/repos GIT_HTTP_EXPORT_ALL=1 REMOTE_USER=vane HOME=@DIR@
export GIT_PROJECT_ROOT GIT_HTTP_EXPORT_ALL REMOTE_USER HOME
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
exec git http-backend
