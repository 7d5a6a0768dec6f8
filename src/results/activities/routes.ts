// The routes of the activities of jobs and tests.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { link } from '../../http/request/links'
import { doesNotExist, nullable, optional, rowId, text } from '../../http/resource/fields'
import { readBody, type Shape, schemaOf } from '../../http/resource/shapes'
import { Invalid } from '../../lib/errors'
import { readPythonText } from '../../lib/python-text'
import { crudRoutes } from '../core/crud-routes'
import { namedJob } from '../core/job-reference'
import type { ResultServices } from '../core/services'
import { hasTest } from '../tests/reference'
import { readJobActivities, readTestActivities } from './answers'
import { jobActivityItem, newJobActivity, newTestActivity, testActivityItem } from './model'
import {
  addJobActivity,
  addTaggedActivity,
  addTestActivity,
  changeJobActivity,
  changeTestActivity,
  deleteJobActivity,
  deleteTestActivity,
} from './queries'

const TEST_ACTIVITY_ADDED = 'test activity added'

export function activityRoutes(services: ResultServices) {
  return new Elysia({ name: 'activities' })
    .use(
      crudRoutes(services, {
        path: '/jobs/:job/activities/',
        job: namedJob,
        olderPaths: ['/jobs/:job/activity/'],
        nouns: ['an activity of a job', 'the activities of a job'],
        tag: 'Jobs',
        item: jobActivityItem,
        shape: newJobActivity,
        reads: readJobActivities,
        add: addJobActivity,
        change: changeJobActivity,
        remove: deleteJobActivity,
        location: ({ jobId }) => ['jobs', jobId, 'activities'],
        added: { sentence: 'job activity added' },
      }),
    )
    .use(
      crudRoutes(services, {
        path: '/jobs/:job/tests/:test/activities/',
        job: namedJob,
        nouns: ['an activity of a test', 'the activities of a test'],
        tag: 'Tests',
        item: testActivityItem,
        shape: newTestActivity,
        reads: readTestActivities,
        add: addTestActivity,
        change: changeTestActivity,
        remove: deleteTestActivity,
        location: ({ jobId, test }) => ['jobs', jobId, 'tests', test, 'activities'],
        added: { sentence: TEST_ACTIVITY_ADDED },
      }),
    )
    .use(taggedActivityRoute(services))
}

const taggedActivity = {
  ...newTestActivity,
  test: optional(nullable(rowId, { blank: true })),
  test_tag: optional(text({ min: 1, max: 1024 })),
} satisfies Shape

/** The form that avocado-journal-replay uses: the body names the test, which is added when its tag is new. */
function taggedActivityRoute(services: ResultServices) {
  const { database, config, clock } = services
  return new Elysia({ tags: ['Tests'] }).use(authentication(services)).post(
    '/jobs/:job/test_activity/',
    async ({ request, params, user, set }) => {
      const body = await receiveBody(request, config)
      const { job, jobId } = await services.jobCreators.toChange(params.job, user)
      const { test = null, test_tag: tag, ...value } = readBody(taggedActivity, body, config)
      const stored = await store(test, tag)
      set.headers.location = link(request, 'jobs', jobId, 'tests', stored.test, 'activities', stored.id)
      return { status: TEST_ACTIVITY_ADDED } as const

      async function store(test: number | null, tag: string | undefined) {
        if (test === null) {
          if (tag === undefined) throw new Invalid({ test_tag: 'This field is required.' })
          // Journals of Avocado 52 to 84, which this client sends, have tags as Python literals.
          const unquoted = readPythonText(tag) || tag
          return database.write(addTaggedActivity, { job, tag: unquoted, value, now: clock() })
        }
        if (!(await database.read(hasTest, { job, test }))) {
          throw new Invalid({ test: doesNotExist(test, 'id') })
        }
        const owner = { job, jobId, test }
        const { id } = await database.write(addTestActivity, { owner, value, now: clock() })
        return { test, id }
      }
    },
    {
      parse: 'none',
      writer: true,
      detail: describe({
        summary: 'Add an activity of a test (older form)',
        description: 'Names the test by `test`, its id, or by `test_tag`; an unknown tag makes the test.',
        body: schemaOf(taggedActivity),
        reply: t.Object({ status: t.Literal(TEST_ACTIVITY_ADDED) }),
        errors: [404, 409],
        writes: true,
      }),
    },
  )
}
