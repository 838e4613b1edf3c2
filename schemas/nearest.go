package schemas

import "strings"

// maxNearest is how many bytes a name may have for [Nearest].
const maxNearest = 256

// Nearest returns the valid name that name most likely stands for, and whether there
// is one: the one with the fewest different characters, up to a third of them and no
// more than three. Case, spaces, _ and - do not count.
func Nearest(name string, valid []string) (string, bool) {
	wanted := []rune(folded(name))
	if len(name) > maxNearest || len(wanted) == 0 {
		return "", false
	}
	nearest, minDistance := "", min(len(wanted)/3, 3)+1
	for _, candidate := range valid {
		if distance := editDistance(wanted, []rune(folded(candidate))); distance < minDistance {
			nearest, minDistance = candidate, distance
		}
	}
	return nearest, nearest != ""
}

func folded(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// editDistance returns how many runes must be added, dropped, changed or swapped with
// their neighbor to turn a into b: the Levenshtein distance with transpositions.
func editDistance(a, b []rune) int {
	var before, last []int // the rows of the two runes before
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
