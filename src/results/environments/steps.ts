// What changed from one test environment to the next, for many such steps in one answer: a page about a test shows the
// changes between its runs.

import { type Static, Type as t } from '@sinclair/typebox'
import { integer, readQuery } from '../../http/request/query'
import { type Field, FieldError, optional, type ReadContext } from '../../http/resource/fields'
import { defineRequestQuery } from '../../http/resource/request-query'
import type { Shape } from '../../http/resource/shapes'
import { mapInTurn } from '../../lib/cooperative'
import { FEW_ROWS, withRowBudget } from '../../storage/row-budget'
import { differenceItem, differenceOf, toDifference } from './difference'
import { countSomeComponents } from './queries'

const MAX_STEPS = 100
/** How many components of each kind of difference are listed, unless told. */
const LISTED = 10
const MAX_LISTED = 100
const MAX_ID = 10 ** 15

interface EnvironmentStep {
  from: number
  to: number
}

const environmentId = integer({ min: 1, max: MAX_ID })

const steps: Field<EnvironmentStep[]> = {
  schema: t.String({
    description: `\`FROM:TO\`: ids of test environments; several separated by commas, at most ${MAX_STEPS}`,
  }),
  read(given, context) {
    const texts = String(given).split(',')
    if (texts.length > MAX_STEPS)
      throw new FieldError(`At most ${MAX_STEPS} steps: this has ${texts.length}.`)
    return texts.map((text) => {
      const ids = text.split(':')
      const [from, to] = ids
      if (ids.length !== 2) {
        throw new FieldError(
          `"${text.slice(0, 64)}" is no step: write FROM:TO with the ids of two environments.`,
        )
      }
      return { from: environmentId.read(from, context), to: environmentId.read(to, context) }
    })
  },
}

export const stepsQuery = { steps, limit: optional(integer({ min: 0, max: MAX_LISTED })) } satisfies Shape

export const stepsItem = t.Object({
  results: t.Array(
    t.Object({
      from: t.Integer(),
      to: t.Integer(),
      difference: t.Union([differenceItem, t.Null()], {
        description: `null: there is no such environment. Of each kind of difference \`limit\` components are listed, ${LISTED} unless told`,
      }),
    }),
    { description: 'In the order of the question' },
  ),
})
export type EnvironmentSteps = Static<typeof stepsItem>

export const environmentSteps = defineRequestQuery(
  'environmentSteps',
  async (connection, request, context: ReadContext) => {
    const { steps, limit = LISTED } = readQuery(stepsQuery, request, context)
    let rows = 0
    for (const id of new Set(steps.flatMap(({ from, to }) => [from, to]))) {
      if (rows <= FEW_ROWS) rows += 2 * (await countSomeComponents(connection, id))
    }
    return withRowBudget(rows, async (): Promise<EnvironmentSteps> => {
      return {
        results: await mapInTurn(steps, async ({ from, to }) => {
          const difference = await differenceOf(connection, from, to)
          return { from, to, difference: difference ? toDifference(difference, limit) : null }
        }),
      }
    })
  },
)
