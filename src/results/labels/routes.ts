// The route of /hosts/:host/, which shows a host and renames it.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { type Field, FieldError, text } from '../../http/resource/fields'
import { readBody, type Shape, schemaOf } from '../../http/resource/shapes'
import { formatTime } from '../../lib/time'
import type { ResultServices } from '../core/services'
import { identifiesHost } from './hosts'
import { beginRename, getHostQuery, renameHosts } from './rename'

const anyName = text({ min: 1, max: 255, description: 'The new name; if a host has it, the two become one' })

const hostName: Field<string> = {
  ...anyName,
  read(value) {
    const name = anyName.read(value)
    if (name.trim() !== name) throw new FieldError('The name of a host has no blanks around it.')
    if (identifiesHost(name)) return name
    throw new FieldError(`"${name}" names no machine: jobs of such a name have an unknown host.`)
  },
}

const changedHost = { name: hostName } satisfies Shape

const hostItem = t.Object({
  name: t.String(),
  jobs: t.Integer({ description: 'How many jobs ran on it' }),
  last: t.Union([t.String({ format: 'date-time' }), t.Null()], {
    description: 'When the last of them began',
  }),
  renamed_to: t.Optional(t.String({ description: 'The new name, while jobs still move to it' })),
})

export function hostRoutes(services: ResultServices) {
  const { database, config, log } = services

  const show = async (name: string) => {
    const { jobs, last, renamedTo } = await database.read(getHostQuery, name)
    return {
      name,
      jobs,
      last: last === null ? null : formatTime(last),
      ...(renamedTo !== undefined && { renamed_to: renamedTo }),
    }
  }

  return new Elysia({ name: 'hosts', prefix: '/hosts', tags: ['Labels'] })
    .use(authentication(services))
    .get('/:host/', async ({ params }) => show(params.host), {
      detail: describe({ summary: 'Show a host: how many jobs ran on it', reply: hostItem, errors: [404] }),
    })
    .patch(
      '/:host/',
      async ({ request, params, actor, set }) => {
        const body = await receiveBody(request, config)
        await database.read(getHostQuery, params.host)
        const { name } = readBody(changedHost, body, config)
        const { jobs } = await database.write(beginRename, { from: params.host, to: name, actor: actor() })
        void renameHosts(database).catch((error) => {
          // The next start goes on.
          if (!database.closed) log.warn({ err: error, host: params.host }, 'a host could not be renamed yet')
        })
        set.status = 202
        return { name, jobs }
      },
      {
        parse: 'none',
        writer: true,
        detail: describe({
          summary: 'Rename a host, or join it with another one',
          description:
            'All jobs of the host get the new name, in their label and in what their sysinfo told; that goes on after the answer. ' +
            'Jobs that a machine sends later under the old name are not renamed.',
          body: schemaOf(changedHost),
          status: 202,
          reply: t.Object({ name: t.String(), jobs: t.Integer({ description: 'How many jobs move' }) }),
          errors: [404, 409],
          writes: true,
        }),
      },
    )
}
