package tools_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
)

func TestBatchAdoptsRunningTask(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		before := srv.call(context.Background(), "run_workflow", `{"workflow_id":"`+srv.account.Workflow("Seven Hours").ID+`","inputs":`+srv.rowOf("Seven Hours", 2)+`}`).task()
		b := srv.runBatch("Seven Hours", 1, 3, "")
		if row := b.Rows[1]; row.TaskID != before.TaskID || !row.Deduplicated || b.Rows[0].Deduplicated || len(srv.account.Tasks()) != 3 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b.Rows)
		}
		stopped := srv.call(context.Background(), "stop_batch", batchArgument(b.BatchID, "")).batch()
		if stopped.Counts != (schemas.BatchCounts{Canceled: 2, Running: 1}) || !strings.Contains(strings.Join(stopped.Warnings, ""), "Row 2 was started outside") {
			t.Errorf("got %+v", stopped)
		}
	})
}

func TestStoppedBatchStaysStopped(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		b := srv.runBatch("Seven Hours", 1, 10, `,"max_parallel":3`)
		want := schemas.BatchCounts{Canceled: 3, GivenUp: 7}
		for range 3 {
			b = srv.call(context.Background(), "stop_batch", batchArgument(b.BatchID, "")).batch()
			if b.Counts != want || !b.Done || b.NextStep != nil {
				t.Errorf("got %+v", b)
			}
		}
		time.Sleep(time.Hour)
		if b := srv.getBatch(b.BatchID, `,"continue":true`); b.Counts != want || len(srv.account.Tasks()) != 3 {
			t.Errorf("%d tasks; got %+v", len(srv.account.Tasks()), b.Counts)
		}
	})
}

func TestStopBatchStopsStartingRow(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 9 * time.Second, Skip: 1})
		id := srv.runBatch("Seven Hours", 1, 4, `,"wait_seconds":3`).BatchID
		b := srv.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if b.Counts != (schemas.BatchCounts{Canceled: 2, GivenUp: 2}) || openTasks(srv.account) != 0 {
			t.Errorf("%d tasks are open; got %+v", openTasks(srv.account), b.Counts)
		}
	})
}

func TestStopBatchIsRetriedForSlowStart(t *testing.T) {
	runBatchSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Delay: 14 * time.Second, Skip: 1})
		id := srv.runBatch("Seven Hours", 1, 4, `,"wait_seconds":1`).BatchID
		b := srv.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if b.Counts != (schemas.BatchCounts{Canceled: 1, Starting: 1, GivenUp: 2}) || b.NextStep == nil || b.NextStep.Tool != "stop_batch" {
			t.Errorf("got %+v, next %+v", b.Counts, b.NextStep)
		}
		b = srv.call(context.Background(), "stop_batch", batchArgument(id, "")).batch()
		if b.Counts != (schemas.BatchCounts{Canceled: 2, GivenUp: 2}) || openTasks(srv.account) != 0 {
			t.Errorf("%d tasks are open; got %+v", openTasks(srv.account), b.Counts)
		}
	})
}
