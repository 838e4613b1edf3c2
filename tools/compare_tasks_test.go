package tools_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestCompareTasksShowsWhatChanged(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), everything) }, func(t *testing.T, srv *testServer) {
		before := srv.finishWithOutput("Price Monitor", `[{"sku":"a","price":1,"old":1},{"sku":"b","price":2},{"sku":"c","price":3}]`)
		time.Sleep(time.Hour)
		after := srv.finishWithOutput("Price Monitor", `[{"sku":"a","price":1.5},{"sku":"c","price":3},{"sku":"d","price":"4"}]`)
		p := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q}`, before, after)).page()
		if p.Key != "sku" || !p.KeyGuessed || p.Added != 1 || p.Removed != 1 || p.Changed != 1 || p.Unchanged != 1 || len(p.Warnings) > 0 {
			t.Errorf("got %+v", p)
		}
		if !slices.Equal(p.Columns.Removed, []string{"old"}) || len(p.Columns.Added) > 0 || len(p.Columns.Retyped) != 1 {
			t.Errorf("columns %+v", p.Columns)
		}
		want := `[{"change":"changed","key":"a","before":{"price":1},"after":{"price":1.5}},
{"change":"added","key":"d","after":{"sku":"d","price":"4"}},
{"change":"removed","key":"b","before":{"sku":"b","price":2}}]`
		if p.body != want {
			t.Errorf("got %s, want %s", p.body, want)
		}
		swapped := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q,"key":"price","limit":1}`, after, before))
		swapped.checkMessages()
		if p = swapped.page(); p.Key != "price" || p.KeyGuessed || p.NextStep == nil || len(p.Warnings) == 0 {
			t.Errorf("got %+v", p)
		}
		if next := srv.call(context.Background(), p.NextStep.Tool, marshal(t, p.NextStep.Arguments)).page(); next.Offset != 1 || next.Key != "price" {
			t.Errorf("next_step leads to %+v", next)
		}
	})
}

func TestCompareTasksRefusesUnfitOutputs(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), everything) }, func(t *testing.T, srv *testServer) {
		rows, words, running := srv.finishWithOutput("Price Monitor", `[{"sku":"a"}]`), srv.finishWithOutput("Plain Text", ""), srv.start("Never Ends")
		for _, fact := range []struct{ before, after, key, name, code string }{
			{rows, rows, "", "the same task", "invalid_arguments"},
			{rows, words, "", "text", "invalid_arguments"},
			{rows, running, "", "a running task", "not_finished"},
			{rows, "424242", "", "no such task", "no_such_task"},
			{rows, srv.finishWithOutput("Seven Hours", `[{"sku":"a"}]`), "id", "no such column", "invalid_arguments"},
		} {
			a := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q,"key":%q}`, fact.before, fact.after, fact.key))
			a.checkMessages(fact.name)
			if p := a.problem(); p.Code != fact.code {
				t.Errorf("%s: got %+v, want %s", fact.name, p, fact.code)
			}
		}
	})
}

func TestCompareTasksWarnsOfDifferentWorkflows(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), everything) }, func(t *testing.T, srv *testServer) {
		one, other := srv.finishWithOutput("Price Monitor", `[{"sku":"a"}]`), srv.finishWithOutput("Seven Hours", `[{"sku":"a"}]`)
		a := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q}`, one, other))
		a.checkMessages()
		if len(a.page().Warnings) == 0 {
			t.Errorf("warnings %q", a.page().Warnings)
		}
	})
}
