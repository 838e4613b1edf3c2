package browseract

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
)

// A Page is one page of a list, newest first.
type Page[T any] struct {
	Page       int `json:"page"`
	Limit      int `json:"limit"`
	Items      []T `json:"items"`
	TotalPages int `json:"total_pages"`
	TotalCount int `json:"total_count"`
}

func (p Page[T]) present() bool { return p.Items != nil || p.Limit > 0 }

// A Parameter is one input that a workflow or template takes. The API tells no
// type and no default.
type Parameter struct {
	Name           string `json:"name"`
	DefaultEnabled bool   `json:"default_enabled"`
}

// Required reports whether a run needs a value for the parameter.
func (p Parameter) Required() bool { return !p.DefaultEnabled }

// A Workflow is an automation that a user built. Inputs is nil in lists.
type Workflow struct {
	ID          ID          `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	CreatedAt   Time        `json:"create_at"`
	PublishedAt Time        `json:"publish_at"` // zero: never published
	Inputs      []Parameter `json:"input_parameters"`
}

func (w Workflow) present() bool { return w.ID != "" }

// A Template is an automation of BrowserAct's own. Description, the times and
// Inputs are zero in lists.
type Template struct {
	ID          ID          `json:"id"`
	Name        string      `json:"name"`
	Summary     string      `json:"recommendDesc"`
	Description string      `json:"description"`
	DetailURL   string      `json:"detailUrl"`
	CreatedAt   Time        `json:"create_at"`
	PublishedAt Time        `json:"publish_at"`
	Inputs      []Parameter `json:"input_parameters"`
}

func (t Template) present() bool { return t.ID != "" }

// UnmarshalJSON takes the template's id from either name that the API has for it.
func (t *Template) UnmarshalJSON(raw []byte) error {
	type plain Template
	wire := struct {
		*plain
		TemplateID ID `json:"templateId"`
	}{plain: (*plain)(t)}
	err := unmarshal(raw, &wire)
	t.ID = cmp.Or(t.ID, wire.TemplateID)
	return err
}

// A Region is where a template's browser can stand.
type Region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

type regions []Region

func (r regions) present() bool { return r != nil }

// MaxLimit is the most items that a page of the API holds.
const MaxLimit = 500

// Workflows returns a page of the account's workflows. page counts from 1, limit
// is 1 to [MaxLimit]. (GET /v2/workflow/list-workflows)
func (c *Client) Workflows(ctx context.Context, page, limit int) (Page[Workflow], error) {
	return get[Page[Workflow]](ctx, c, "list-workflows", paging(page, limit))
}

// maxPages is how many pages of a list are read to its end: 50,000 items.
const maxPages = 100

// AllWorkflows returns all workflows of the account, read in pages of [MaxLimit]
// and remembered for a minute. The slice is shared and must not be changed.
func (c *Client) AllWorkflows(ctx context.Context) ([]Workflow, error) {
	return cached(ctx, c, "workflows", func(ctx context.Context) ([]Workflow, error) {
		return allOf("list-workflows", func(number int) (Page[Workflow], error) { return c.Workflows(ctx, number, MaxLimit) })
	})
}

// AllTemplates is [Client.AllWorkflows] for the official templates.
func (c *Client) AllTemplates(ctx context.Context) ([]Template, error) {
	return cached(ctx, c, "templates", func(ctx context.Context) ([]Template, error) {
		return allOf("list-official-workflow-templates", func(number int) (Page[Template], error) { return c.Templates(ctx, "", number, MaxLimit) })
	})
}

// allOf reads a list to its end.
func allOf[T any](endpoint string, read func(number int) (Page[T], error)) ([]T, error) {
	var all []T
	for number := 1; number <= maxPages; number++ {
		page, err := read(number)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if number >= page.TotalPages || len(page.Items) == 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("browseract: %s: %w: more than %d pages", endpoint, ErrUnreadable, maxPages)
}

// Workflow returns a workflow with its inputs. (GET /v2/workflow/get-workflow)
func (c *Client) Workflow(ctx context.Context, id string) (Workflow, error) {
	return get[Workflow](ctx, c, "get-workflow", url.Values{"workflow_id": {id}})
}

// RecentWorkflow is [Client.Workflow], at most a minute old.
func (c *Client) RecentWorkflow(ctx context.Context, id string) (Workflow, error) {
	return cached(ctx, c, "workflow "+id, func(ctx context.Context) (Workflow, error) { return c.Workflow(ctx, id) })
}

// Templates returns a page of the official templates whose texts match keyword;
// the empty keyword matches all.
// (GET /v2/workflow/list-official-workflow-templates)
func (c *Client) Templates(ctx context.Context, keyword string, page, limit int) (Page[Template], error) {
	query := paging(page, limit)
	if keyword != "" {
		query.Set("keyword", keyword)
	}
	return get[Page[Template]](ctx, c, "list-official-workflow-templates", query)
}

// Template returns an official template with its inputs.
// (GET /v2/workflow/get-official-workflow-template)
func (c *Client) Template(ctx context.Context, id string) (Template, error) {
	return get[Template](ctx, c, "get-official-workflow-template", url.Values{"workflow_template_id": {id}})
}

// RecentTemplate is [Client.Template], at most a minute old.
func (c *Client) RecentTemplate(ctx context.Context, id string) (Template, error) {
	return cached(ctx, c, "template "+id, func(ctx context.Context) (Template, error) { return c.Template(ctx, id) })
}

// Regions returns the regions that templates can run in.
// (GET /v2/workflow/get-region-list)
func (c *Client) Regions(ctx context.Context) ([]Region, error) {
	r, err := get[regions](ctx, c, "get-region-list", nil)
	return r, err
}

// RecentRegions is [Client.Regions], at most a minute old.
func (c *Client) RecentRegions(ctx context.Context) ([]Region, error) {
	return cached(ctx, c, "regions", c.Regions)
}

// paging always sends the limit: without one the API's pages hold a single item.
func paging(page, limit int) url.Values {
	return url.Values{"page": {strconv.Itoa(max(page, 1))}, "limit": {strconv.Itoa(min(max(limit, 1), MaxLimit))}}
}
