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
	if err := r.checkOffset(len(places), "columns"); err != nil {
		return Page{}, err
	}
	page := d.page(r, ViewProfile, FormatJSON)
	profile := d.Profile()
	b := rowsBuilder{layout: profileLayout(profile), left: r.size()}
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

// addColumn writes a column if it fits. The first of a page goes without its
// example if it must.
func (b *rowsBuilder) addColumn(c Column) bool {
	text, _ := json.Marshal(c) // strings, finite numbers and a bool: it cannot fail
	if b.write(string(text), encoder{}) {
		return true
	}
	c.Example = ""
	text, _ = json.Marshal(c)
	return b.rows == 0 && b.write(string(text), encoder{})
}

// profileLayout puts the columns of a profile into its JSON.
func profileLayout(p Profile) layout {
	p.Columns = nil
	head, _ := json.Marshal(p)
	return layout{
		open:    strings.TrimSuffix(string(head), "}") + `,"columns":[`,
		between: ",\n",
		close:   "]}",
	}
}
