// Which jobs count: by their labels, host, branch, environment and installed components. Lists of jobs, tests and runs
// read the same parameters.

import { Type as t } from '@sinclair/typebox'
import { integer, withDescription } from '../../http/request/query'
import { type Field, FieldError, optional, text } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import { Invalid } from '../../lib/errors'
import { checkLabelKey, labelValue } from '../labels/model'

/** Jobs with any of these values of a label; without values, with the label. `isNegated`: the other jobs. */
export interface LabelCondition {
  key: string
  values: string[]
  isNegated: boolean
}

export const operators = ['>=', '<=', '=', '<', '>'] as const
export type Operator = (typeof operators)[number]

/** Jobs in whose environment a component is installed, in such a version if there is one. */
export interface ComponentCondition {
  name: string
  version: { operator: Operator; text: string } | undefined
  isNegated: boolean
}

export interface EnvironmentCondition {
  ids: number[]
  isNegated: boolean
}

/** All conditions must hold. */
export interface Scope {
  labels: LabelCondition[]
  environments: EnvironmentCondition[]
  components: ComponentCondition[]
}

/** Each condition is a part of a query, so their number is limited. */
const MAX_CONDITIONS = 16
const MAX_VALUES = 100
/** What fits is counted twice for each. */
const MAX_NEGATED = 4
const MAX_ID = 10 ** 15

const componentName = text({ min: 1, max: 255 })
const environmentId = integer({ min: 1, max: MAX_ID })

/** The parameters as clients write them. Spread into the shape of a list's filters; toScope() reads the result. */
export const scopeFilters = {
  label: optional(
    repeated(
      '`KEY:VALUE[,VALUE]`: jobs with any of these values of a label, `KEY`: jobs with the label; a comma in a value is ' +
        'written `\\,`. Besides the labels that jobs were given there are host, arch (`x86_64`), distro (`fedora-43`) and ' +
        'kernel (`6.12.0-1.fc43.x86_64`, or its beginning: `6.12`). `!` in front: all other jobs. May be repeated: all must fit',
      readLabelCondition,
    ),
  ),
  host: optional(
    withDescription('Jobs that ran on any of these hosts, as `label=host:...`', valuesField('host')),
  ),
  branch: optional(
    withDescription('Jobs of any of these branches, as `label=branch:...`', valuesField('branch')),
  ),
  environment: optional(
    withDescription(
      'The ids of test environments, separated by commas: what ran in any of them. `!` in front: all else',
      { schema: t.String(), read: readEnvironments } satisfies Field<EnvironmentCondition>,
    ),
  ),
  component: optional(
    repeated(
      '`NAME`, or `NAME>=VERSION` with >=, <=, =, < or >: what ran where this component is installed. Versions are ' +
        'compared as rpm or dpkg does; the release counts where it is named. `!` in front: all else. May be repeated',
      readComponentCondition,
    ),
  ),
} satisfies Shape

type Given = Pick<Body<typeof scopeFilters>, keyof typeof scopeFilters>

/**
 * @returns undefined when there are no conditions.
 * @throws Invalid when too many of them are negated.
 */
export function toScope({ label = [], host, branch, environment, component = [] }: Given): Scope | undefined {
  const scope = {
    labels: [...label, ...(host ? [host] : []), ...(branch ? [branch] : [])],
    environments: environment ? [environment] : [],
    components: component,
  }
  const conditions: { isNegated: boolean }[] = Object.values(scope).flat()
  if (conditions.filter(({ isNegated }) => isNegated).length > MAX_NEGATED) {
    throw new Invalid({ label: `At most ${MAX_NEGATED} conditions of a list begin with "!".` })
  }
  return conditions.length > 0 ? scope : undefined
}

function repeated<T>(description: string, read: (text: string) => T): Field<T[]> {
  return {
    schema: t.String({ description }),
    isRepeated: true,
    read(given) {
      const texts = given as string[]
      if (texts.length > MAX_CONDITIONS) {
        throw new FieldError(`This parameter is repeated ${MAX_CONDITIONS} times at most.`)
      }
      return texts.map(read)
    },
  }
}

function withoutBang(text: string): { rest: string; isNegated: boolean } {
  const isNegated = text.startsWith('!')
  return { rest: isNegated ? text.slice(1) : text, isNegated }
}

function readLabelCondition(text: string): LabelCondition {
  const { rest, isNegated } = withoutBang(text)
  const colon = rest.indexOf(':')
  const key = colon < 0 ? rest : rest.slice(0, colon)
  checkLabelKey(key)
  return { key, values: colon < 0 ? [] : readValues(key, rest.slice(colon + 1)), isNegated }
}

/** A parameter that stands for a label. */
function valuesField(key: string): Field<LabelCondition> {
  return {
    schema: t.String(),
    read(given) {
      const { rest, isNegated } = withoutBang(String(given))
      return { key, values: readValues(key, rest), isNegated }
    },
  }
}

/** Splits at commas. `\,` is a comma in a value and `\\` a backslash; any other backslash is itself. */
function readValues(key: string, text: string): string[] {
  const values: string[] = []
  let value = ''
  for (const [part] of text.matchAll(/\\[\\,]|[\s\S]/gu)) {
    if (part === ',') {
      values.push(value)
      value = ''
    } else value += part.length === 2 && part.startsWith('\\') ? part.slice(1) : part
  }
  values.push(value)
  if (values.length > MAX_VALUES) throw new FieldError(`${key}: at most ${MAX_VALUES} values.`)
  return [...new Set(values.map((value) => labelValue(key, value)))]
}

function readEnvironments(given: unknown): EnvironmentCondition {
  const { rest, isNegated } = withoutBang(String(given))
  const ids = rest.split(',').map((id) => environmentId.read(id.trim(), { zone: 'UTC' }))
  if (ids.length > MAX_VALUES) throw new FieldError(`At most ${MAX_VALUES} environments.`)
  return { ids: [...new Set(ids)], isNegated }
}

/** @throws FieldError */
export function readComponentCondition(text: string): ComponentCondition {
  const { rest, isNegated } = withoutBang(text)
  const [, before = rest, operator, after = ''] = /^([^<>=]*)(>=|<=|=|<|>)(.*)$/s.exec(rest) ?? []
  const name = componentName.read(before.trim())
  if (operator === undefined) return { name, version: undefined, isNegated }
  const version = after.trim()
  if (version === '' || /[<>=]/.test(version)) {
    throw new FieldError(`"${text.slice(0, 64)}" names no version: write NAME>=VERSION.`)
  }
  return { name, version: { operator: operator as Operator, text: version }, isNegated }
}
