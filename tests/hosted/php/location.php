<?php // SPDX-License-Identifier: MIT
// ?to=TARGET: a redirect; with "code", that one.
header('Location: ' . $_GET['to'], true, (int) ($_GET['code'] ?? 302));
