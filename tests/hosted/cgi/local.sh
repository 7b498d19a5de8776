#!/bin/sh
# SPDX-License-Identifier: MIT
# Another page of the same server, named by the query, in the place of this one.
printf 'Location: %s\n\n' "$QUERY_STRING"
