package schemas

import "strings"

// Nearest returns the valid name that name was most likely meant to be, and
// whether there is one: first one that differs only in case, spaces, _ and -,
// then the one with the fewest different characters, up to a third of them and
// no more than three.
func Nearest(name string, valid []string) (string, bool) {
	const longest = 64
	wanted := []rune(folded(name))
	if len(name) > 4*longest || len(wanted) == 0 {
		return "", false
	}
	best, fewest := "", min(len(wanted)/3, 3)+1
	for _, candidate := range valid {
		distance := editDistance(wanted, []rune(folded(candidate)))
		if distance < fewest {
			best, fewest = candidate, distance
		}
	}
	return best, best != ""
}

func folded(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// editDistance returns how many runes must be added, dropped or changed to make
// b of a.
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
