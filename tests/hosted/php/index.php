<?php // SPDX-License-Identifier: MIT
header('Content-Type: text/plain');
echo "index, ", $_SERVER['SCRIPT_NAME'], ", ", $_SERVER['PATH_INFO'] ?? '', "\n";
