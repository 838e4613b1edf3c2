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

// A Parameter is an input of a workflow or template. The API has neither its type
// nor its default.
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

// A Template is an official automation of BrowserAct. Description, the times and
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

// UnmarshalJSON accepts both names that the API has for the template's id.
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

// A Region is where the browser of a template's run can be.
type Region struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

type regions []Region

func (r regions) present() bool { return r != nil }

// MaxLimit is the largest page of a list, in items.
const MaxLimit = 500

// maxPages is the longest list that is read to its end, in pages: 50,000 items.
const maxPages = 100

// Workflows returns a page of the account's workflows. page counts from 1, limit
// is 1 to [MaxLimit]. (GET /v2/workflow/list-workflows)
func (c *Client) Workflows(ctx context.Context, page, limit int) (Page[Workflow], error) {
	return get[Page[Workflow]](ctx, c, "list-workflows", paging(page, limit))
}

// AllWorkflows returns all workflows of the account, at most a minute old. The slice
// is shared and must not be changed.
func (c *Client) AllWorkflows(ctx context.Context) ([]Workflow, error) {
	return readAll[Workflow](ctx, c, "list-workflows")
}

// AllTemplates is [Client.AllWorkflows] for the official templates.
func (c *Client) AllTemplates(ctx context.Context) ([]Template, error) {
	return readAll[Template](ctx, c, "list-official-workflow-templates")
}

// readAll reads a list to its end, or returns it from the cache.
func readAll[T any](ctx context.Context, c *Client, endpoint string) ([]T, error) {
	return cached(ctx, c, definitionTTL, endpoint, func(ctx context.Context) ([]T, error) {
		var all []T
		for number := 1; number <= maxPages; number++ {
			page, err := get[Page[T]](ctx, c, endpoint, paging(number, MaxLimit))
			if err != nil {
				return nil, err
			}
			all = append(all, page.Items...)
			if number >= page.TotalPages || len(page.Items) == 0 {
				return all, nil
			}
		}
		return nil, fmt.Errorf("browseract: %s: %w: more than %d pages", endpoint, ErrUnreadable, maxPages)
	})
}

// Workflow returns a workflow with its inputs. (GET /v2/workflow/get-workflow)
func (c *Client) Workflow(ctx context.Context, id string) (Workflow, error) {
	return get[Workflow](ctx, c, "get-workflow", url.Values{"workflow_id": {id}})
}

// RecentWorkflow is [Client.Workflow], at most a minute old.
func (c *Client) RecentWorkflow(ctx context.Context, id string) (Workflow, error) {
	return cached(ctx, c, definitionTTL, "workflow "+id, func(ctx context.Context) (Workflow, error) { return c.Workflow(ctx, id) })
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
	return cached(ctx, c, definitionTTL, "template "+id, func(ctx context.Context) (Template, error) { return c.Template(ctx, id) })
}

// Regions returns the regions that templates can run in.
// (GET /v2/workflow/get-region-list)
func (c *Client) Regions(ctx context.Context) ([]Region, error) {
	r, err := get[regions](ctx, c, "get-region-list", nil)
	return r, err
}

// RecentRegions is [Client.Regions], at most a minute old.
func (c *Client) RecentRegions(ctx context.Context) ([]Region, error) {
	return cached(ctx, c, definitionTTL, "regions", c.Regions)
}

// paging always sends the limit: without one the API's pages hold a single item.
func paging(page, limit int) url.Values {
	return url.Values{"page": {strconv.Itoa(max(page, 1))}, "limit": {strconv.Itoa(min(max(limit, 1), MaxLimit))}}
}
