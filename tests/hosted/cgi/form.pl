#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A form with CGI.pm: fields, a file, a cookie that counts.
use strict;
use warnings;
use CGI;

my $q = CGI->new;
my $visits = ($q->cookie('visits') // 0) + 1;
print $q->header(
	-type => 'text/plain', -charset => 'utf-8',
	-status => '201 Made', -cookie => $q->cookie(-name => 'visits', -value => $visits));
print "method ", $q->request_method, "\npath ", $q->path_info, "\nvisit $visits\n";
for my $name (sort $q->multi_param) {
	my $file = $q->upload($name);
	if (!defined $file) {
		print "field $name ", join('|', $q->multi_param($name)), "\n";
		next;
	}
	binmode $file;
	local $/;
	my $data = <$file>;
	print "file $name ", scalar $q->param($name), " ", length($data), "\n";
}
