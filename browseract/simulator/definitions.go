package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

func (c *call) listWorkflows() answer { return list(c, c.workflows(), (*blueprint).item) }

func (c *call) getWorkflow() answer {
	b := find(c.workflows(), c.query.Get("workflow_id"))
	if b == nil {
		return noWorkflow()
	}
	return answer{body: b.detail().json()}
}

func (c *call) listTemplates() answer {
	found := slices.DeleteFunc(slices.Clone(c.templates()), func(b *blueprint) bool { return !b.matches(c.query.Get("keyword")) })
	return list(c, found, func(b *blueprint) (o object) {
		o.set("templateId", b.template.ID)
		o.set("name", b.Name)
		b.setPage(&o)
		return o
	})
}

func (c *call) getTemplate() answer {
	b := find(c.templates(), c.query.Get("workflow_template_id"))
	if b == nil {
		return noTemplate()
	}
	o := b.detail()
	b.setPage(&o)
	return answer{body: o.json()}
}

func (c *call) getRegions() answer { return answer{body: encode(regions())} }

func noWorkflow() answer { return refuse(codeNoWorkflow, "Workflow is not exist.") }

func noTemplate() answer { return refuse(codeNoTemplate, "Workflow template is not exist.") }

// workflows returns the workflows of the caller's key.
func (c *call) workflows() []*blueprint {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	return c.workspace.workflows
}

func (c *call) templates() []*blueprint {
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	return c.account.templates
}

// list answers with the page of a list that the query asks for.
func list[T any](c *call, all []T, show func(T) object) answer {
	number, limit := c.integer("page", 1), c.integer("limit", 1)
	from := min((number-1)*limit, len(all))
	items := [][]byte{}
	for _, item := range all[from:min(from+limit, len(all))] {
		items = append(items, show(item).json())
	}
	var o object
	o.set("page", number)
	o.set("limit", limit)
	o.raw("items", array(items))
	o.set("total_pages", (len(all)+limit-1)/limit)
	o.set("total_count", len(all))
	return answer{body: o.json()}
}

// id is the public id of a template or a workflow.
func (b *blueprint) id() string { return cmp.Or(b.template.ID, b.ID) }

// find returns the blueprint with an id, or nil.
func find(all []*blueprint, id string) *blueprint {
	if i := slices.IndexFunc(all, func(b *blueprint) bool { return b.id() == id }); i >= 0 {
		return all[i]
	}
	return nil
}

// item is a workflow in a list.
func (b *blueprint) item() (o object) {
	o.set("id", b.id())
	o.set("name", b.Name)
	o.set("description", b.Description)
	o.set("create_at", b.created)
	published := new(b.created.Add(time.Hour))
	if b.Unpublished {
		published = nil
	}
	o.set("publish_at", published)
	return o
}

// detail is a workflow or template by itself.
func (b *blueprint) detail() object {
	inputs := [][]byte{}
	for _, in := range b.Inputs {
		var o object
		o.set("name", in.Name)
		o.set("default_enabled", !in.Required)
		inputs = append(inputs, o.json())
	}
	o := b.item()
	o.raw("input_parameters", array(inputs))
	return o
}

// setPage adds what only templates have.
func (b *blueprint) setPage(o *object) {
	o.set("recommendDesc", b.template.Recommend)
	o.set("detailUrl", "https://www.browseract.example/template/"+strings.ReplaceAll(strings.ToLower(b.Name), " ", "-"))
}

// matches reports whether a template has the keyword in its name or a description.
func (b *blueprint) matches(keyword string) bool {
	return strings.Contains(strings.ToLower(b.Name+"\n"+b.Description+"\n"+b.template.Recommend), strings.ToLower(keyword))
}
