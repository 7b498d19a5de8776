<?php // SPDX-License-Identifier: MIT
phpinfo();
