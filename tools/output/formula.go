package output

import (
	"fmt"
	"strings"
)

// Formulas returns how many cells of a CSV output a spreadsheet program may run: a
// page can write them, and they can fetch an address with the user's data in it.
func (d *Document) Formulas() (cells int) {
	t, ok := d.table.(csvTable)
	if !ok {
		return 0
	}
	for i := t.skipBlank(0); i < len(t.src); i = t.skipBlank(i) {
		i, _ = t.record(i, func(cell span) {
			if isFormula(t.text(cell)) {
				cells++
			}
		})
	}
	return cells
}

// FormulaWarning says what a reader of CSV with formulas should know, nothing of none.
func FormulaWarning(cells int) []string {
	if cells == 0 {
		return nil
	}
	return []string{fmt.Sprintf("This CSV has cells that look like formulas (%d), which a spreadsheet program would run: have it imported as text.", cells)}
}

// isFormula tells whether a spreadsheet program would take a cell for a formula that
// does something: all that begin with =, and with + - @ those that call or refer.
func isFormula(cell string) bool {
	cell = strings.TrimLeft(cell, " \t\r\n")
	if cell == "" || !strings.ContainsRune("=+-@", rune(cell[0])) {
		return false
	}
	return cell[0] == '=' && len(cell) > 1 || strings.ContainsAny(cell, "|!") || calls(cell)
}

// calls tells whether a letter stands right before a parenthesis.
func calls(cell string) bool {
	for i := 1; i < len(cell); i++ {
		if cell[i] == '(' && isLetter(cell[i-1]) {
			return true
		}
	}
	return false
}
