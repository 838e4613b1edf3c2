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

// editDistance returns how many runes must be added, dropped or changed to turn a
// into b: their Levenshtein distance.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ra := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, rb := range b {
			change := diagonal
			if ra != rb {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
