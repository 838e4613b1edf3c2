// Holds what the suite wrote against expected.mjs. It is given a folder with
// SERVER/REVISION/RUN/checks.json, and beside each REVISION the scenarios that
// the revision requires, as the suite lists them in REVISION.required.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import expected from './expected.mjs';

const results = process.argv[2];
const surprises = [];
const reasons = new Map();

console.log('server   revision    scenarios  apply  pass  required');
for (const server of ['product', 'fixture']) {
  for (const revision of ['2025-11-25', '2026-07-28']) report(server, revision);
}
console.log('\nDoes not pass, as expected:');
for (const [reason, names] of reasons) {
  console.log(`${String(names.length).padStart(5)}  ${reason}${names.length <= 4 ? `: ${names.join(', ')}` : ''}`);
}
for (const surprise of surprises) console.log(`SURPRISE: ${surprise}`);
process.exitCode = surprises.length ? 1 : 0;

function report(server, revision) {
  const scenarios = read(path.join(results, server, revision));
  const required = requiredBy(revision);
  const listed = new Map(
    expected
      .filter((e) => e.server === server && e.revision === revision)
      .flatMap((e) => e.scenarios.map((name) => [name, e])),
  );
  for (const name of [...required, ...listed.keys()]) {
    if (!scenarios.has(name)) surprises.push(`${server} ${revision} ${name}: it did not run`);
  }
  let [apply, pass] = [0, 0];
  for (const [name, checks] of scenarios) {
    const entry = listed.get(name);
    const complaint = judge(checks, entry);
    if (complaint) surprises.push(`${server} ${revision} ${name}: ${complaint}`);
    if (entry) note(`${server}: ${entry.why}${entry.partly ? ', in a part' : ''}`, name);
    if (entry && !entry.partly) continue;
    apply++;
    if (!complaint) pass++;
  }
  // As the suite scores: only a failed check counts against a scenario. That is
  // printed of the fixture, which has all that a revision requires a server to show.
  const scored = required.filter((name) => scenarios.get(name)?.every((check) => check.status !== 'FAILURE'));
  console.log(
    server.padEnd(7), '', revision, String(scenarios.size).padStart(11), String(apply).padStart(6), String(pass).padStart(5),
    '', server === 'fixture' ? `${scored.length}/${required.length}` : '',
  );
}

function note(reason, name) {
  reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
}

// read returns the checks of each scenario. The folder of a run is named
// server-SCENARIO-TIME.
function read(folder) {
  return new Map(
    readdirSync(folder).map((run) => [
      run.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*/, ''),
      JSON.parse(readFileSync(path.join(folder, run, 'checks.json'), 'utf8')),
    ]),
  );
}

function requiredBy(revision) {
  const list = readFileSync(path.join(results, `${revision}.required`), 'utf8');
  const [, ofServers] = list.split('Server scenarios');
  return [...ofServers.split('\n\n')[0].matchAll(/^ +- (\S+)/gm)].map(([, name]) => name);
}

// judge returns what is wrong with a scenario, undefined if nothing is. The
// check of the wire format is made in every scenario and proves nothing of it.
function judge(checks, entry) {
  const passed = checks.filter((c) => c.status === 'SUCCESS' && c.id !== 'wire-schema-valid');
  const failed = checks.filter((c) => c.status === 'FAILURE' || c.status === 'WARNING');
  const skipped = checks.filter((c) => c.status === 'SKIPPED' || c.status === 'INFO');
  if (!entry) {
    if (failed.length) return failed.map(message).join('; ');
    return passed.length ? undefined : `it checked nothing: ${skipped.map(message).join('; ')}`;
  }
  const reported = failed.length || passed.length ? failed : skipped;
  if (!reported.length) return 'it passes now: take it off the list';
  if (entry.partly && !passed.length) return 'no check of it passes';
  const other = reported.filter((c) => !entry.message.test(message(c)));
  return other.length ? `it fails otherwise than expected: ${other.map(message).join('; ')}` : undefined;
}

function message(check) {
  return check.errorMessage ?? check.details?.message ?? check.description;
}
