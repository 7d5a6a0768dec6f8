// The types of the tables for Kysely. The definitions in migrations/ say what each column means. Integers are keys,
// codes from seed-data.ts, or times in microseconds since 1970 (UTC).

import type { Generated, GeneratedAlways } from 'kysely'
import type { Role } from '../lib/roles'
import type { ENTRY_ID } from './full-text'

/** An entry of a full-text index: the id of the row that it is about. */
type Entry = Record<typeof ENTRY_ID, number>

export interface Tables {
  change: { id: number; number: number; writer: Generated<number> }
  job_total: { status: number; outcomes: number; jobs: number }
  user: {
    id: Generated<number>
    username: string
    email: string
    password_hash: string | null
    role: Role
    disabled: Generated<number>
    created_at: number
    looked_at: Generated<number | null>
  }
  token: {
    id: Generated<number>
    user: number
    label: string
    hash: Uint8Array
    created_at: number
    expires_at: number | null
    last_used_at: Generated<number | null>
    role: Role
  }
  audit: {
    id: Generated<number>
    at: number
    until: number
    times: number
    user: number | null
    name: string
    address: string
    action: string
    object: string
    detail: string
  }
  session: { id: Generated<number>; user: number; hash: Uint8Array; created_at: number; expires_at: number }
  job_status: { id: number; name: string; description: string }
  test_status: { id: number; name: string; description: string }
  reported_status: { id: number; name: string; status: number }
  component_kind: { id: Generated<number>; name: string }
  arch: { id: Generated<number>; name: string }
  component: {
    id: Generated<number>
    name: string
    version: string
    release: string
    checksum: string
    kind: number
    arch: number
  }
  distro: { id: Generated<number>; name: string; version: string; release: string; arch: number }
  environment: { id: Generated<number>; distro: number; hash: Uint8Array }
  environment_component: { environment: number; component: number }
  job: {
    number: Generated<number>
    id: string
    description: string | null
    time: number
    received_at: number
    last_report_at: number
    elapsed: number
    status: number | null
    status_by_client: number
    environment: Generated<number | null>
    created_by: number | null
    keep: Generated<number>
    not_started: Generated<number>
    passed: Generated<number>
    errored: Generated<number>
    failed: Generated<number>
    not_applicable: Generated<number>
    warned: Generated<number>
    unfinished: Generated<number>
    tests_total: Generated<number>
    complete: number
    outcomes: Generated<number>
    wall_time: Generated<number | null>
    host: Generated<number | null>
    branch: Generated<number | null>
    reported_host: Generated<string | null>
    host_source: Generated<number>
    environment_source: Generated<number>
    distro: Generated<number | null>
    ended_at: Generated<number | null>
    duplicate_of: Generated<number | null>
  }
  host: { id: Generated<number>; name: string }
  branch: { id: Generated<number>; name: string }
  job_search: Entry & { id: string; number: number; description: string | null }
  quarter_total: {
    quarter: number
    jobs: number
    passed: number
    errored: number
    failed: number
    not_applicable: number
    warned: number
    unfinished: number
  }
  job_label: { job: number; key: string; value: string }
  job_activity: { job: number; sequence: number; name: number; time: number; status: number | null }
  job_data: { id: Generated<number>; job: number; category: string; key: string; value: string | null }
  activity_name: { id: Generated<number>; text: string }
  testcase: { id: Generated<number>; text: string; suite: string; variant: string | null }
  testcase_search: Entry & { suite: string; name: string; variant: string | null }
  reason_search: Entry & { text: string }
  fail_reason: { id: Generated<number>; hash: Uint8Array; text: string; template: Generated<number | null> }
  test: {
    id: Generated<number>
    job: number
    prefix: string
    testcase: number
    status: number | null
    reported_status: number | null
    completed_by_activity: number
    has_started: number
    ran_at: number
    time: GeneratedAlways<number>
    started: GeneratedAlways<number | null>
    reported_start: Generated<number | null>
    elapsed: number | null
    fail_reason: number | null
    environment: number | null
  }
  test_activity: { test: number; sequence: number; name: number; time: number; status: number | null }
  test_data: { id: Generated<number>; test: number; category: string; key: string; value: string | null }
  file: {
    id: Generated<number>
    hash: Uint8Array
    size: number
    stored_size: number
    content: Uint8Array | null
    created_at: number
  }
  job_file: { job: number; path: string; file: number }
  test_file: { test: number; path: string; file: number }
  released_file: { file: number }
  task: { name: string; state: string }
  stale_job: { job: number; testcase: Generated<number> }
  stale_place: { host: number; time: number }
  stale_testcase: { testcase: number; change: number }
  stale_template: { template: number; change: number }
  template: { id: Generated<number>; hash: Uint8Array; text: string; parent: Generated<number | null> }
  job_verdict: {
    job: number
    host: number
    time: number
    until: number
    verdict: 'none' | 'suspected' | 'infrastructure'
    recovered: number
    expected: number
    broken: number
    errors: number
    runs: number
    passed_again: number | null
    ran_again: number
    excused: number
    selective: number
    relapses: number
  }
  set_verdict: {
    job: number
    verdict: 'none' | 'infrastructure'
    user: number
    comment: string
    at: number
  }
  stale_verdict: { host: number; time: number; change: number }
  series: {
    id: Generated<number>
    testcase: number
    host: number | null
    branch: number | null
    distro: number | null
    last_time: number
    last_job: number
    state: 'passing' | 'failing'
    since_job: number
    streak: number
    runs: number
    failures: number
    flakes: number
    events: number
  }
  testcase_flakiness: {
    testcase: number
    rate: number
    low: number
    high: number
    flaky: number
    flakes: number
    runs: number
    due: number | null
    events: Generated<number>
    streak_flakes: Generated<number>
    streak_runs: Generated<number>
    last_flake: Generated<number | null>
    last_flake_time: Generated<number | null>
    cost: Generated<number>
    templates: Generated<string>
  }
  template_run: {
    template: number
    time: number
    test: number
    testcase: number
    host: number
    job: number
  }
  regression: {
    id: Generated<number>
    testcase: number
    template: number | null
    state: 'open' | 'fixing' | 'fixed' | 'withdrawn' | 'never_passed'
    tests: Generated<number>
    probability: number
    first_bad: number | null
    low: number | null
    high: number | null
    first_bad_time: number
    last_good: number | null
    own_probability: number
    own_first_bad: number | null
    own_low: number | null
    own_high: number | null
    own_first_bad_time: number
    own_low_time: number
    own_high_time: number
    own_last_good: number | null
    fixed_in: number | null
    last_bad: number | null
    last_bad_time: number
    changed_at: number
  }
  regression_host: {
    regression: number
    host: number
    distro: number
    state: string
    first_bad: number | null
    last_good: number | null
    fixed_in: number | null
  }
  known_issue: {
    id: Generated<number>
    template: string | null
    template_hash: Uint8Array | null
    pattern: string | null
    testcase: string | null
    variant: string | null
    host: string | null
    component: string | null
    only_testcase: Generated<number | null>
    begins_at: Generated<number | null>
    report_url: string
    report_subject: string
    culprit: number
    comment: string
    intermittent: number
    expires: number | null
    created_at: number
    created_by: number | null
    changed_at: number
    changed_by: number | null
    deleted: Generated<number>
    unmatch: Generated<number>
    matched_to: Generated<number>
    unmarked: Generated<number>
    unsummed: Generated<number>
    incidents: Generated<number>
    testcases: Generated<number>
    first_time: Generated<number | null>
    last_time: Generated<number | null>
    ends_at: Generated<number | null>
    reopened_at: Generated<number | null>
  }
  known_issue_match: { issue: number; reason: number }
  known_issue_incident: { issue: number; time: number; test: number; testcase: number }
  known_issue_case: {
    issue: number
    testcase: number
    incidents: number
    first_time: number
    last_time: number
    spans: string
  }
  stale_incident: { testcase: number; change: number }
  comment: {
    id: Generated<number>
    kind: string
    target: number
    test: number | null
    user: number
    text: string
    created_at: number
    changed_at: Generated<number | null>
    known_issue: Generated<number | null>
  }
  claim: {
    id: Generated<number>
    kind: string
    target: number
    test: number | null
    user: number
    state: string
    text: string
    created_at: number
  }
}
