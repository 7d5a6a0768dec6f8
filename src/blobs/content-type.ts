// The media type of a file, by its name: to look at contents, lists would have to decompress them. Files come from
// whoever runs tests, so a browser must not run them with the rights of this server's pages.

import { extname } from 'node:path/posix'

const TEXT = 'text/plain; charset=utf-8'
const BINARY = 'application/octet-stream'

const types: Record<string, string> = {
  json: 'application/json',
  xml: 'application/xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  ...Object.fromEntries(
    // Extensions of binary files of Avocado and its plugins.
    [
      ...['gz', 'tgz', 'bz2', 'xz', 'lzma', 'zst', 'zip', 'tar', '7z', 'rpm', 'deb'],
      ...['sqlite', 'db', 'pickle', 'pyc', 'so', 'o', 'exe', 'core', 'dump', 'vmcore', 'pcap', 'pdf', 'data'],
      ...['img', 'iso', 'qcow2', 'raw', 'bin', 'ppm', 'webm', 'ogg', 'mp4', 'avi', 'wav'],
    ].map((extension) => [extension, BINARY]),
  ),
}

/** The media type of a file. HTML, SVG and scripts are plain text, so that browsers show and do not run them. */
export function contentType(path: string): string {
  const extension = extname(path).slice(1).toLowerCase()
  return Object.hasOwn(types, extension) ? (types[extension] ?? TEXT) : TEXT
}

/** Whether the file is HTML, which `?show=page` shows as a page. */
export function isHtml(path: string): boolean {
  return /\.html?$/i.test(path)
}

/** Whether compression makes files of this type smaller. Most binary formats are compressed already. */
export function isCompressible(type: string): boolean {
  return type !== BINARY && !type.startsWith('image/')
}
