package simulator

import (
	"strings"
	"time"
)

// page is how every list is answered.
type page[T any] struct {
	Page       int `json:"page"`
	Limit      int `json:"limit"`
	Items      []T `json:"items"`
	TotalPages int `json:"total_pages"`
	TotalCount int `json:"total_count"`
}

// paged cuts the page out of a list that the query asks for.
func paged[T any](c *call, all []T) page[T] {
	number, limit := c.integer("page", 1), c.integer("limit", 1)
	from := min((number-1)*limit, len(all))
	return page[T]{
		Page: number, Limit: limit, Items: append([]T{}, all[from:min(from+limit, len(all))]...),
		TotalPages: (len(all) + limit - 1) / limit, TotalCount: len(all),
	}
}

// workflowItem is a workflow in a list.
type workflowItem struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	CreateAt    time.Time  `json:"create_at"`
	PublishAt   *time.Time `json:"publish_at"` // null: never
}

// workflowDetail is a workflow by itself.
type workflowDetail struct {
	workflowItem
	Inputs []inputItem `json:"input_parameters"`
}

type inputItem struct {
	Name           string `json:"name"`
	DefaultEnabled bool   `json:"default_enabled"`
}

// templateItem is a template in a list.
type templateItem struct {
	TemplateID    string `json:"templateId"`
	Name          string `json:"name"`
	RecommendDesc string `json:"recommendDesc"`
	DetailURL     string `json:"detailUrl"`
}

// templateDetail is a template by itself.
type templateDetail struct {
	workflowDetail
	RecommendDesc string `json:"recommendDesc"`
	DetailURL     string `json:"detailUrl"`
}

func (a *Account) listWorkflows(c *call) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	items := make([]workflowItem, len(c.workspace.workflows))
	for i, b := range c.workspace.workflows {
		items[i] = b.item()
	}
	return success(paged(c, items))
}

func (a *Account) getWorkflow(c *call) answer {
	b := a.workflow(c.workspace, c.query.Get("workflow_id"))
	if b == nil {
		return a.failure(&refusal{code: codeNoWorkflow, msg: "Workflow is not exist."})
	}
	return success(b.detail())
}

func (a *Account) listTemplates(c *call) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	items := []templateItem{}
	for _, b := range a.templates {
		if b.mentions(c.query.Get("keyword")) {
			items = append(items, templateItem{b.templateID, b.name, b.recommend, b.url()})
		}
	}
	return success(paged(c, items))
}

func (a *Account) getTemplate(c *call) answer {
	b := a.template(c.query.Get("workflow_template_id"))
	if b == nil {
		return a.failure(&refusal{code: codeNoTemplate, msg: "Workflow template is not exist."})
	}
	return success(templateDetail{b.detail(), b.recommend, b.url()})
}

func (a *Account) getRegions(*call) answer {
	return success(regions())
}

// workflow finds a workflow, or nil.
func (a *Account) workflow(ws *workspace, id string) *blueprint {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range ws.workflows {
		if b.workflowID == id {
			return b
		}
	}
	return nil
}

// template finds a template, or nil.
func (a *Account) template(id string) *blueprint {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.templates {
		if b.templateID == id {
			return b
		}
	}
	return nil
}

func (b *blueprint) item() workflowItem {
	item := workflowItem{ID: b.workflowID, Name: b.name, Description: b.description, CreateAt: b.created}
	if b.templateID != "" {
		item.ID = b.templateID
	}
	if !b.unpublished {
		published := b.created.Add(time.Hour)
		item.PublishAt = &published
	}
	return item
}

func (b *blueprint) detail() workflowDetail {
	d := workflowDetail{workflowItem: b.item(), Inputs: []inputItem{}}
	for _, in := range b.inputs {
		d.Inputs = append(d.Inputs, inputItem{in.Name, !in.Required})
	}
	return d
}

// mentions tells whether the template is found by a keyword, which the API
// looks for in names and descriptions.
func (b *blueprint) mentions(keyword string) bool {
	return strings.Contains(strings.ToLower(b.name+"\n"+b.description+"\n"+b.recommend), strings.ToLower(keyword))
}

func (b *blueprint) url() string {
	slug := strings.ReplaceAll(strings.ToLower(b.name), " ", "-")
	return "https://www.browseract.example/template/" + slug
}
