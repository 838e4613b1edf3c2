package browseract

import (
	"context"
	"errors"
	"net/http"
)

// Ping asks the API something without a key. It returns nil if the API is there,
// which it tells by refusing, and otherwise what came instead. An [*Error] that
// is [Error.Unauthorized] and has no code may be that of a proxy.
// (GET /v2/workflow/list-workflows)
func (c *Client) Ping(ctx context.Context) error {
	_, err := retry(ctx, func() (Page[Workflow], error) {
		return call[Page[Workflow]](ctx, c, request{method: http.MethodGet, endpoint: "list-workflows", query: paging(1, 1), anonymous: true})
	}, worthRepeating)
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Unauthorized() && refusal.Code != 0 {
		return nil
	}
	return err
}
