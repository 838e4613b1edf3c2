package tools_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
		p = srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q,"key":"price","limit":1}`, after, before)).page()
		if p.Key != "price" || p.KeyGuessed || p.NextStep == nil || !strings.Contains(strings.Join(p.Warnings, " "), "is the later one") {
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
		for _, fact := range []struct{ before, after, key, code, message string }{
			{rows, rows, "", "invalid_arguments", "before_task_id and after_task_id are the same; name two runs, list_tasks shows them."},
			{rows, words, "", "invalid_arguments", "the output of the later task is text and has no rows to compare; read both with get_task_output"},
			{rows, running, "", "not_finished", "The task is"},
			{rows, "424242", "", "no_such_task", "There is no task"},
			{rows, srv.finishWithOutput("Seven Hours", `[{"sku":"a"}]`), "id", "invalid_arguments", `key: the output of the earlier task has no column "id"; its columns are: "sku"`},
		} {
			p := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q,"key":%q}`, fact.before, fact.after, fact.key)).problem()
			if p.Code != fact.code || !strings.HasPrefix(p.Message, fact.message) {
				t.Errorf("got %s %q, want %s %q", p.Code, p.Message, fact.code, fact.message)
			}
		}
	})
}

func TestCompareTasksWarnsOfDifferentWorkflows(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), everything) }, func(t *testing.T, srv *testServer) {
		one, other := srv.finishWithOutput("Price Monitor", `[{"sku":"a"}]`), srv.finishWithOutput("Seven Hours", `[{"sku":"a"}]`)
		p := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q}`, one, other)).page()
		if !slices.Contains(p.Warnings, "The tasks are runs of two different workflows.") {
			t.Errorf("warnings %q", p.Warnings)
		}
	})
}
