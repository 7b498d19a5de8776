<?php // SPDX-License-Identifier: MIT
// What it was given, a variable a line.
header('Content-Type: text/plain');
ksort($_SERVER);
foreach ($_SERVER as $name => $value)
	if (is_string($value))
		echo "$name=$value\n";
