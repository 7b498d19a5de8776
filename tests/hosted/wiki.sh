#!/bin/sh
# SPDX-License-Identifier: MIT
#
# wiki.sh DIR - Debian's DokuWiki as somebody unpacks it to try it: all in one folder, nothing
# configured, which its installer is for.  Where Debian has taken that out (13), what it would write.
set -eu
wiki=$1

cp -rL /usr/share/dokuwiki "$wiki"
mkdir "$wiki/conf"
cp /etc/dokuwiki/*.conf /etc/dokuwiki/manifest.json /etc/dokuwiki/*.php "$wiki/conf" 2>/dev/null ||
	: # what only Debian's web server may read is what we do without
rm -f "$wiki/conf/local.php" "$wiki/conf/plugins.local.php" "$wiki/conf/users.auth.php" \
	"$wiki/conf/acl.auth.php"

# Where Debian keeps things apart.
# shellcheck disable=SC2016
echo '<?php define("DOKU_CONF", DOKU_INC . "conf/");' >"$wiki/inc/preload.php"
# shellcheck disable=SC2016
echo '<?php $conf["savedir"] = DOKU_INC . "data";' >"$wiki/conf/local.protected.php"

for name in '' pages attic media media_attic media_meta meta cache locks index tmp log; do
	mkdir -p "$wiki/data/$name"
	chmod 777 "$wiki/data/$name"
done

if [ ! -e "$wiki/install.php" ]; then
	cat >"$wiki/conf/local.php" <<'EOF'
<?php
$conf['title'] = 'Vane\'s Wiki';
$conf['lang'] = 'en';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
EOF
	printf '*\t@ALL\t1\n*\t@user\t8\n' >"$wiki/conf/acl.auth.php"
	# The password is open "sesame".
	echo 'admin:$1$vanewiki$GkSH/jWcmYNp/wkNW58vr/:Ada Min:admin@vane.test:admin,user' >"$wiki/conf/users.auth.php"
	chmod 666 "$wiki"/conf/*.php
fi
chmod 777 "$wiki/conf"
