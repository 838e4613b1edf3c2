package output

import (
	"encoding/json"
	"strings"
)

// profilePage shows the profile as a JSON object with as many columns as fit.
func (d *Document) profilePage(r PageRequest) (Page, error) {
	places, err := d.selectColumns(r.Fields)
	if err != nil {
		return Page{}, err
	}
	if err := pastEnd(r.Offset, len(places), "columns"); err != nil {
		return Page{}, err
	}
	page := d.page(r, ViewProfile, FormatJSON)
	profile := d.Profile()
	b := rowsBuilder{layout: profileLayout(profile), left: r.space()}
	b.begin()
	for n, place := range places[r.Offset:] {
		if r.Limit > 0 && n == r.Limit || !b.addColumn(profile.Columns[place]) {
			page.NextOffset = r.Offset + n
			break
		}
	}
	page.Returned = b.rows
	page.Text = b.text.String() + b.layout.close
	return page, nil
}

// addColumn writes a column if it fits. The first of a page loses its example if it must.
func (b *rowsBuilder) addColumn(c Column) bool {
	if b.write(columnJSON(c), pen{}) {
		return true
	}
	c.Example = ""
	return b.rows == 0 && b.write(columnJSON(c), pen{})
}

func columnJSON(c Column) string {
	text, _ := json.Marshal(c) // strings, numbers below infinity and a bool: it cannot fail
	return string(text)
}

// profileLayout puts the columns of a profile in its JSON.
func profileLayout(p Profile) layout {
	p.Columns = nil
	head, _ := json.Marshal(p)
	return layout{
		open:    strings.TrimSuffix(string(head), "}") + `,"columns":[`,
		between: ",\n",
		close:   "]}",
	}
}
