// The wire formats of test environments: kinds, architectures, software components, distros and environments.

import { type TString, Type as t } from '@sinclair/typebox'
import { type Field, preset, type ReadContext, text } from '../../http/resource/fields'
import { type Body, list, nested, type Shape } from '../../http/resource/shapes'
import { type Cooperative, runAtOnce } from '../../lib/cooperative'

const shortName = text({ min: 1, max: 20 })
const longText = text({ max: 255 })

/** A component kind or an architecture. */
export const newName = { name: shortName } satisfies Shape

export const newComponent = {
  name: text({ min: 1, max: 255 }),
  version: longText,
  release: longText,
  checksum: longText,
  kind: shortName,
  arch: shortName,
} satisfies Shape

export const newDistro = {
  name: text({ min: 1, max: 255 }),
  version: longText,
  release: longText,
  /** As on the original server: free text, with another limit than the architecture of a component. */
  arch: text({ min: 1, max: 40 }),
} satisfies Shape

/** The most components of one environment. */
export const MAX_COMPONENTS = 20_000

export const newEnvironment = {
  distro: nested(newDistro),
  /** If it is missing, no components are installed. */
  installed_software_components: preset(
    [],
    distinct(list(newComponent, { max: MAX_COMPONENTS, noun: 'components' })),
  ),
} satisfies Shape

/** Drops repeated items: a component is either installed or not. */
function distinct<T>(field: Field<T[]>): Field<T[]> {
  function* runCooperatively(value: unknown, context: ReadContext): Cooperative<T[]> {
    const items = new Map<string, T>()
    const read = field.read.runCooperatively
      ? yield* field.read.runCooperatively(value, context)
      : field.read(value, context)
    for (const item of read) {
      const key = JSON.stringify(item)
      if (!items.has(key)) items.set(key, item)
      yield
    }
    return [...items.values()]
  }
  const read = (value: unknown, context: ReadContext) => runAtOnce(runCooperatively(value, context))
  return { ...field, read: Object.assign(read, { runCooperatively }) }
}

const id = t.Integer()
const strings = <S extends Shape>(shape: S) =>
  Object.fromEntries(Object.keys(shape).map((name) => [name, t.String()])) as Record<keyof S, TString>
const componentFields = strings(newComponent)
const distroFields = strings(newDistro)

export const nameItem = t.Object({ id, name: t.String() })
export const componentItem = t.Object({ id, ...componentFields })
export const distroItem = t.Object({ id, ...distroFields })
export const environmentItem = t.Object({
  id,
  distro: t.Object(distroFields),
  installed_software_components: t.Array(t.Object(componentFields)),
})

export type NewName = Body<typeof newName>
export type NewComponent = Body<typeof newComponent>
export type NewDistro = Body<typeof newDistro>
export type NewEnvironment = Body<typeof newEnvironment>
