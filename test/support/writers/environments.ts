// Writers of what jobs share: kinds and architectures of software components, components, distros, environments.

import type { Client } from '../client'
import type { Note } from '../facts'
import { patch, placeOf, post, put, type Round, remove, type Story, type Turn } from './steps'

const distro = (name: string) => ({ name, version: '17', release: '0', arch: 'unknown' })
const component = (name: string) => ({
  name,
  version: '1',
  release: '2',
  checksum: '',
  kind: 'unknown',
  arch: 'unknown',
})

/** As they are posted, and as they are shown but for their id. */
const lists: Record<string, (name: string) => object> = {
  softwarecomponentkinds: (name) => ({ name }),
  softwarecomponentarches: (name) => ({ name }),
  softwarecomponents: component,
  linuxdistros: distro,
  testenvironments: (name) => ({ distro: distro(name), installed_software_components: [component('bash')] }),
}

/** Something of each list in turn. */
export function* environments({ id, deletes }: Turn): Story {
  for (const [list, make] of Object.entries(lists)) {
    const fact = (name: string) => `/${list}/${name}`
    const makes = (name: string) => ({
      [fact(name)]: JSON.stringify(make(name)),
      // The distro of an environment is made with it, and stays when it goes.
      ...(list === 'testenvironments' && { [`/linuxdistros/${name}`]: JSON.stringify(distro(name)) }),
    })
    // For an environment others than those distros that were made for themselves.
    const [first, second, third] = ['a', 'b', 'c'].map((letter) => `${id}${letter}${list[0]}`) as [
      string,
      string,
      string,
    ]
    const place = placeOf(yield post(`/${list}/`, make(first), { makes: makes(first) }))
    yield put(place, make(second), { removes: fact(first), makes: makes(second) })
    yield patch(place, make(third), { removes: fact(second), makes: makes(third) })
    if (deletes) yield remove(place, { removes: fact(third) })
  }
}

export async function verifyEnvironments(client: Client, { word }: Round, note: Note): Promise<void> {
  for (const list of Object.keys(lists)) {
    for (const { id: _, ...thing } of await client.all(`/${list}/`)) {
      const name: string = thing.name ?? thing.distro.name
      if (name.startsWith(word)) note(`/${list}/${name}`, JSON.stringify(thing))
    }
  }
}
