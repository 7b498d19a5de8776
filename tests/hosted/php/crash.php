<?php // SPDX-License-Identifier: MIT
// ?how=exit|throw|signal&late=1: ends badly, before its answer or in the middle of it.
header('Content-Type: text/plain');
if (isset($_GET['late'])) {
	while (ob_get_level() > 0)
		ob_end_flush();
	echo "begun\n";
	flush();
}
switch ($_GET['how']) {
case 'exit':
	exit(3);
case 'throw':
	throw new RuntimeException('thrown on purpose');
case 'signal':
	posix_kill(posix_getpid(), 9);
	sleep(10);
}
