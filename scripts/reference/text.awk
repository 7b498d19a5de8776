# SPDX-License-Identifier: MIT
#
# text.awk - what a comment says: paragraphs, lists, code, results and errors.
#
# Comments are written for who reads the header.  What is picked out of them:
# - the first sentence, up to its first ";" or ":", is the line that stands for the function;
# - lines that begin with "- " are a list, lines behind a tab are code;
# - a sentence that begins with "Returns", or with an error ("-EINVAL if ...", "Fails with -EINVAL
#   ..."), and what follows it in its paragraph, is about the result;
# - code that no colon leads to is an example, but for types;
# - the sentence "Since 0.2.0." is the version that a name came with, and
#   "All since 0.2.0." that of a header.

# blocks(S) - into block[1 .. n], which are of the kinds "p", "item" and "code" in block_kind[]
function blocks(s,    lines, n, i, line, count, what, gap) {
	n = split(s, lines, "\n")
	count = 0
	gap = 1
	for (i = 1; i <= n; i++) {
		line = lines[i]
		if (line ~ /^[ \t]*$/) {
			gap++
			continue
		}
		what = line ~ /^\t/ ? "code" : line ~ /^- / ? "item" : line ~ /^  [^ ]/ ? "more" : "p"
		if (what == "code") {
			line = substr(line, 2)
			if (count && block_kind[count] == "code")
				block[count] = block[count] (gap ? "\n\n" : "\n") line
			else
				add_block("code", line, ++count)
		} else if (what == "item")
			add_block("item", substr(line, 3), ++count)
		else if (!gap && count && block_kind[count] != "code")
			block[count] = block[count] (block[count] ~ /[.!?][)"]*$/ ? "  " : " ") trim(line)
		else
			add_block(what == "more" && count && block_kind[count] == "item" ? "item" : "p",
				trim(line), ++count)
		gap = 0
	}
	return count
}

function add_block(what, s, at) {
	block_kind[at] = what
	block[at] = s
}

# sentences(S) - into sentence[1 .. n]: two blanks end one, or one before a capital
function sentences(s,    n, at) {
	n = 0
	while (match(s, /([^ ("]"?|"")[.!?][)"]*( [A-Z"(-]|  )/)) {
		at = RSTART + RLENGTH
		sentence[++n] = trim(substr(s, 1, at - 2))
		s = trim(substr(s, at - 1))
	}
	if (s != "")
		sentence[++n] = s
	return n
}

# brief_of(S) - what a first sentence says, as the line of a list
function brief_of(s,    first) {
	sentences(s)
	s = sentence[1]
	s = first_clause(s)
	sub(/\.$/, "", s)
	match(s, /^[^ ,;.]+/)
	first = substr(s, 1, RLENGTH)
	if (first ~ /^[A-Z][a-z-]*$/ && first !~ /^(Tornado|Vane)$/)
		s = tolower(substr(s, 1, 1)) substr(s, 2)
	return s
}

# Up to the first ";" or ":" that is not in parentheses.
function first_clause(s,    i, c, open) {
	open = 0
	for (i = 1; i < length(s); i++) {
		c = substr(s, i, 1)
		open += c == "(" ? 1 : c == ")" ? -1 : 0
		if (open == 0 && (c == ";" || c == ":") && substr(s, i + 1, 1) == " ")
			return substr(s, 1, i - 1)
	}
	return s
}

# A comment without the version that it names, which is in found_version then.
function without_version(s) {
	found_version = ""
	if (match(s, /(All s|S)ince [0-9]+\.[0-9]+\.[0-9]+\./)) {
		found_version = substr(s, RSTART, RLENGTH - 1)
		s = substr(s, 1, RSTART - 1) substr(s, RSTART + RLENGTH)
		sub(/.* /, "", found_version)
	}
	return s
}

# understand(D) - take the comment of a declaration apart
function understand(d,    n, i, kept, s) {
	s = without_version(text[d])
	if (found_version != "")
		since[d] = found_version
	n = blocks(s)
	parts[d] = results[d] = errors[d] = examples[d] = 0
	for (i = 1; i <= n; i++) {
		kept = block[i]
		if (block_kind[i] == "code" && is_named(d) && (i == 1 || block[i - 1] !~ /:$/)) {
			example[d, ++examples[d]] = kept
			continue
		}
		if (block_kind[i] == "p" && is_named(d) && kind[d] != "object")
			kept = without_results(d, kept, i == 1)
		if (kept != "") {
			part[d, ++parts[d]] = kept
			part_kind[d, parts[d]] = block_kind[i]
		}
	}
	blocks(s)
	brief[d] = n > 0 && block_kind[1] == "p" ? brief_of(block[1]) : ""
}

# as_parts(S) - a comment as it stands, as the parts of the declaration that is given back
function as_parts(s,    i) {
	parts[""] = blocks(s)
	for (i = 1; i <= parts[""]; i++) {
		part["", i] = block[i]
		part_kind["", i] = block_kind[i]
	}
	return ""
}

# What is left of a paragraph when its results and errors have found their places.  A sentence
# between two errors goes with the first, one behind the last stays.
function without_results(d, s, is_first,    n, i, kept, about, found, waiting, one) {
	n = sentences(s)
	for (i = 1; i <= n; i++)
		one[i] = sentence[i]
	kept = found = waiting = ""
	about = "text"
	for (i = 1; i <= n; i++) {
		s = one[i]
		if (is_first && i == 1)
			about = "text"
		else if (s ~ /^(Fails with )?-(E[A-Z0-9]+|errno)/ || (s ~ /^Returns / && has_error(s))) {
			if (waiting != "")
				error_text[d, errors[d]] = error_text[d, errors[d]] "  " waiting
			waiting = ""
			found = join(found, take_errors(d, s))
			about = "errors"
			continue
		} else if (s ~ /^Returns /)
			about = "results"
		if (about == "errors" && s ~ /^(With a|A)nother errno/)
			add_named(d, "", s)
		else if (about == "errors" && !has_error(s))
			waiting = join(waiting, s)
		else if (about == "results")
			found = join(found, s)
		else
			kept = join(kept, s)
	}
	if (found != "")
		result_text[d, ++results[d]] = found
	return join(kept, waiting)
}

function join(s, more) {
	return s == "" || more == "" ? s more : s "  " more
}

function has_error(s) {
	return s ~ /(^|[ (])-(E[A-Z0-9]+|errno)/
}

# take_errors(D, S) - its errors one by one; what stands before them is the result
function take_errors(d, s,    before, at, names, rest, between) {
	match(s, /-(E[A-Z0-9]+|errno)/)
	before = substr(s, 1, RSTART - 1)
	names = ""
	rest = substr(s, RSTART)
	while (match(rest, /^-(E[A-Z0-9]+|errno)/)) {
		names = names (names == "" ? "" : " ") substr(rest, 2, RLENGTH - 1)
		rest = substr(rest, RLENGTH + 1)
		at = next_error(rest)
		between = at ? substr(rest, 1, at - 1) : rest
		rest = at ? substr(rest, at) : ""
		if (at && between ~ /^,? or $/ && between !~ /,/)
			continue # -ENOTSOCK or -EINVAL if ...
		add_error(d, names, between)
		names = ""
	}
	sub(/[ (]*$/, "", before)
	sub(/(^|[,;]? )(or|and|with|Fails with)$/, "", before)
	sub(/(^|[,;]? )(or|and|with|Fails with)$/, "", before)
	sub(/[,;:]$/, "", before)
	if (before == "")
		return ""
	return before (before ~ /negative errno/ ? "." : ", or a negative errno.")
}

# next_error(S) - where the next error begins that is not just spoken of
function next_error(s,    at, offset, head) {
	offset = 0
	while (match(s, /-(E[A-Z0-9]+|errno)/)) {
		at = RSTART
		head = substr(s, 1, at - 1)
		if (head ~ /([,;] |^ ?or |[,;] or |[,;] and |[,;]? and with |[,;] or with |[^a-z]or )$/)
			return offset + at
		offset += at + 1
		s = substr(s, at + 2)
	}
	return 0
}

function add_error(d, names, s,    tail) {
	tail = ""
	if (match(s, /[,;] or (what|another|a negative|whatever|as) /)) {
		tail = substr(s, RSTART + 2)
		s = substr(s, 1, RSTART - 1)
	}
	s = trim(s)
	sub(/([,;]|(^|[,;] | )(or|and)( with)?)$/, "", s)
	sub(/[,;] *$/, "", s)
	sub(/^[,:;] */, "", s)
	s = trim(s)
	if (s ~ /^\([^()]*\)\.?$/) {
		sub(/^\(/, "", s)
		sub(/\)\.?$/, "", s)
	}
	if (s == "." || s == "")
		s = usual(names)
	if (s != "") {
		s = toupper(substr(s, 1, 1)) substr(s, 2)
		if (s !~ /[.!?]"?$/)
			s = s "."
	}
	add_named(d, names, s)
	if (tail != "")
		add_named(d, "", toupper(substr(tail, 1, 1)) substr(tail, 2))
}

function add_named(d, names, s) {
	errors[d]++
	error_name[d, errors[d]] = names
	error_text[d, errors[d]] = s
}

# What an error means that the comment only names.
function usual(error) {
	if (error == "ENOMEM")
		return "There is not enough memory."
	if (error == "EINVAL")
		return "An argument is not valid."
	if (error == "ENAMETOOLONG")
		return "A name is too long."
	if (error == "EPIPE")
		return "The client is gone."
	return ""
}
