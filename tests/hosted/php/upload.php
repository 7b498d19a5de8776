<?php // SPDX-License-Identifier: MIT
// A form with files: what came of each.
header('Content-Type: text/plain');
foreach ($_POST as $name => $value)
	echo "field $name $value\n";
foreach ($_FILES as $name => $file)
	echo "file $name $file[name] $file[type] $file[error] $file[size] ",
		$file['error'] === UPLOAD_ERR_OK ? md5_file($file['tmp_name']) : '-', "\n";
