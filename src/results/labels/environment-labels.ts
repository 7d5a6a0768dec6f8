// Labels that nobody has to give: architecture, distro and kernel of a job's environment.

import { type RawBuilder, sql } from 'kysely'
import { members, rowsOf, thenJoin } from '../../storage/query'

/** `fedora-43`, `debian-12.11`: name, version, and the release where the distro has one. */
export const distroForm = sql<string>`(distro.name || '-' || distro.version
  || CASE WHEN distro.release IN ('', '0') THEN '' ELSE '.' || distro.release END)`
/** As `uname -r` writes it: `6.12.0-1.fc43.x86_64`. */
export const kernelForm = sql<string>`(component.version
  || CASE component.release WHEN '' THEN '' ELSE '-' || component.release END)`

export const environmentLabelKeys = ['arch', 'distro', 'kernel'] as const
export type EnvironmentLabelKey = (typeof environmentLabelKeys)[number]

export function isEnvironmentLabel(key: string): key is EnvironmentLabelKey {
  return (environmentLabelKeys as readonly string[]).includes(key)
}

/** Whether a text is one of the values, or begins with one that ends where a part of the text ends: `6.12` of `6.12.0-1`. */
function begins(form: RawBuilder<string>, values: string): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (SELECT 1 FROM ${rowsOf(values, 'texts')} AS wanted
    WHERE ${form} = wanted.value
      OR substr(${form}, 1, length(wanted.value) + 1) IN (wanted.value || '-', wanted.value || '.'))`
}

/** A subquery: the ids of the environments that have any of these values. Without values: that have the key. */
export function environmentsWithLabel(key: EnvironmentLabelKey, values: readonly string[]) {
  const wanted = JSON.stringify(values)
  const anyOf = (condition: RawBuilder<boolean>) => (values.length === 0 ? sql`TRUE` : condition)
  if (key === 'kernel') {
    return sql<number>`(SELECT environment FROM environment_component WHERE component IN (
      SELECT component.id FROM component
      WHERE component.kind = (SELECT id FROM component_kind WHERE name = 'kernel')
        AND ${anyOf(begins(kernelForm, wanted))}))`
  }
  const condition =
    key === 'arch' ? anyOf(sql<boolean>`arch.name IN ${members(values)}`) : anyOf(begins(distroForm, wanted))
  return sql<number>`(SELECT environment.id FROM distro ${thenJoin} arch ON arch.id = distro.arch
    ${thenJoin} environment ON environment.distro = distro.id WHERE ${condition})`
}
