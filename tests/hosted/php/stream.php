<?php // SPDX-License-Identifier: MIT
// ?until=FILE: a piece at once, another when there is that file in the folder above.
header('Content-Type: text/plain');
while (ob_get_level() > 0)
	ob_end_flush();
echo "piece 1\n";
flush();
$file = dirname(__DIR__) . '/' . basename($_GET['until']);
for ($i = 0; $i < 1000 && !file_exists($file); $i++) {
	usleep(10000);
	clearstatcache();
}
echo file_exists($file) ? "piece 2\n" : "no file\n";
