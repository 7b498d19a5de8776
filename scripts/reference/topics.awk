# SPDX-License-Identifier: MIT
#
# topics.awk - which functions belong together: the pages and the chapters that list them.
#
# A topic is the word after "vane_" in the names of two functions or more (vane_request_), or a header
# (vane/netutil.h); a name that is alone with its word belongs to its header.

function noun(its_name) {
	sub(/^vane_/, "", its_name)
	sub(/_.*/, "", its_name)
	return its_name
}

function is_named(d) {
	return kind[d] ~ /^(function|object|macro)$/
}

function is_type(d) {
	return kind[d] ~ /^(struct|enum|typedef)$/ || (kind[d] == "opaque" && text[group[d]] != "")
}

# sort(LIST, N) - by name, as strings
function sort(list, n,    i, j, one) {
	for (i = 2; i <= n; i++) {
		one = list[i]
		for (j = i - 1; j > 0 && list[j] "" > one ""; j--)
			list[j + 1] = list[j]
		list[j + 1] = one
	}
}

function find_topics(    h, d, i, one, count) {
	for (h = 1; h <= headers; h++) {
		opening[h] = without_version(opening[h])
		if (found_version != "")
			header_since[h] = found_version
		if (header_path[h] !~ /\//)
			continue # vane.h, which is all of them
		header_of[header_base[h]] = h
		add_topic(header_base[h])
	}
	for (d = 1; d <= decls; d++)
		if (is_named(d))
			count[noun(name[d])]++
	for (one in count)
		if (count[one] > 1)
			add_topic(one)
	sort(topic, topics)
	for (d = 1; d <= decls; d++)
		if (is_named(d)) {
			one = noun(name[d])
			topic_of[d] = one in is_topic ? one : header_base[header[d]]
			names_sorted[++names] = name[d]
		}
	sort(names_sorted, names)
	for (i = 1; i <= names; i++) {
		one = topic_of[named[names_sorted[i]]]
		topic_name[one, ++topic_names[one]] = names_sorted[i]
		if (!(one in topic_header))
			topic_header[one] = header[named[names_sorted[i]]]
	}
	for (one in header_of)
		topic_header[one] = header_of[one]
}

function add_topic(one) {
	if (!(one in is_topic))
		topic[++topics] = one
	is_topic[one] = 1
}

# A macro in capitals that has arguments: a page leads to the one of its header.
function is_macro(d) {
	return kind[d] == "constant" && index(code[d], name[d] "(") == 1
}

# The title of a header, behind its name: "an application: routes, and the settings ...".
function header_title(h,    s) {
	blocks(opening[h])
	s = block[1]
	sub(/^vane\/[a-z0-9_]+\.h - /, "", s)
	sub(/\.$/, "", s)
	return length(s) > 90 ? first_clause(s) : s
}

# wrapped(S) - a declaration in lines that are not long, broken between its arguments
function wrapped(s,    out_, at, one) {
	out_ = one = ""
	while (s != "") {
		at = index(s, ", ")
		one = at ? substr(s, 1, at) : s
		s = at ? substr(s, at + 2) : ""
		if (out_ == "")
			out_ = one
		else if (length(out_) - last_break(out_) + length(one) < 68)
			out_ = out_ " " one
		else
			out_ = out_ "\n    " one
	}
	return out_
}

function last_break(s,    i) {
	for (i = length(s); i > 0; i--)
		if (substr(s, i, 1) == "\n")
			return i
	return 0
}

# version_of(D) - since when there is such a declaration
function version_of(d) {
	if (group[d] in since)
		return since[group[d]]
	return header[d] in header_since ? header_since[header[d]] : "0.1.0"
}

# type_of(WORD) - the declaration of a type, by its name
function type_of(word) {
	return word in type_named ? type_named[word] : 0
}

# types_in(D) - into type_in[1 .. n], what an argument or the result of a function is made of
function types_in(d,    s, n, word, seen) {
	n = 0
	s = code[d]
	while (match(s, /(struct |enum )?vane_[a-z0-9_]+/)) {
		word = substr(s, RSTART, RLENGTH)
		s = substr(s, RSTART + RLENGTH)
		if (word !~ / / && word !~ /_fn$/)
			continue
		sub(/.* /, "", word)
		if (type_of(word) && !(word in seen)) {
			seen[word] = 1
			type_in[++n] = type_of(word)
		}
	}
	return n
}

# What a type is called in C.
function type_title(d) {
	if (kind[d] == "typedef")
		return name[d]
	if (kind[d] == "opaque")
		return "struct " name[d]
	return kind[d] (name[d] == "" ? "" : " " name[d])
}

# Declarations without a comment, of their own or of their group.
function complain(    d, i) {
	for (d = 1; d <= decls; d++) {
		if (kind[d] == "opaque" || text[group[d]] != "")
			continue
		print header_path[header[d]] ": " (name[d] == "" ? member[d, 1] : name[d]) " has no comment" >missing
	}
	for (d = 1; d <= decls; d++)
		if (is_named(d) && d == group[d] && (brief[d] == "" || length(brief[d]) > 120))
			print header_path[header[d]] ": the first sentence of " name[d] \
				" is no line for a list: " brief[d] >missing
}
