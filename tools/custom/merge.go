package custom

// Merge returns the entries of an overlay, and those of flags after them. A flag
// for a target that the overlay has adds no tool: it names that one, if it has a
// name to give. Said twice, a flag counts once.
func Merge(overlay, flags []Entry) []Entry {
	merged := append([]Entry{}, overlay...)
	for _, flag := range flags {
		switch at := find(merged, flag); {
		case at < 0:
			merged = append(merged, flag)
		case flag.Name != "":
			merged[at].Name = flag.Name
		}
	}
	return merged
}

// find returns where the entry is that a flag means: the one of its name, else the
// first of its target, less than 0 if there is none.
func find(entries []Entry, flag Entry) int {
	at := -1
	for i, e := range entries {
		if e.Target != flag.Target {
			continue
		}
		if at < 0 || e.Name == flag.Name {
			at = i
		}
		if e.Name == flag.Name {
			break
		}
	}
	return at
}

// Targets are what the entries run, each once.
func Targets(entries []Entry) []Target {
	var targets []Target
	seen := map[Target]bool{}
	for _, e := range entries {
		if !seen[e.Target] {
			targets = append(targets, e.Target)
		}
		seen[e.Target] = true
	}
	return targets
}
