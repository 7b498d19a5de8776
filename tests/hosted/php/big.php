<?php // SPDX-License-Identifier: MIT
// ?bytes=N: so many, without their length.
header('Content-Type: application/octet-stream');
$piece = str_repeat('0123456789abcde' . "\n", 4096);
for ($left = (int) $_GET['bytes']; $left > 0; $left -= strlen($piece))
	echo $left < strlen($piece) ? substr($piece, 0, $left) : $piece;
