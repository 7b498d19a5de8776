# SPDX-License-Identifier: MIT
#
# main.awk - makes the manual pages and the HTML reference of the library from its public headers.
#
#	awk -v version=0.2.0 -v man=FOLDER -v html=FILE -v missing=FILE \
#		-f headers.awk -f text.awk -f topics.awk -f mdoc.awk -f html.awk -f main.awk \
#		man/vane.3 ... scripts/rename.sed HEADER...
#
# The pages that are written by hand say which names they have, and the date of all; rename.sed
# which name a function had before.  Into the file of missing comes what has no comment.

END {
	find_topics()
	for (d = 1; d <= decls; d++)
		if (d == group[d])
			understand(d)
	write_pages()
	write_html()
	printf "" >missing
	complain()
	close(missing)
}
