/**
 * Makes trees of files for the word count: a nasty one, and a large one.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../support/command.ts';

/** A temporary tree, gone when its scope ends. */
export interface Tree extends AsyncDisposable {
  /** Its root. */
  readonly path: string;
}

/** Makes an empty tree. */
export async function emptyTree(): Promise<Tree> {
  const path = await mkdtemp(join(tmpdir(), 'brokerless-tree-'));
  return {
    path,
    // Not by Node: a path of this tree may be longer than the system takes in one piece.
    async [Symbol.asyncDispose]() {
      await run('rm', ['-rf', path], { cwd: tmpdir() });
    },
  };
}

/** Makes a tree of these files; names may hold slashes. */
export async function treeOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Tree> {
  const tree = await emptyTree();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(tree.path, name, '..'), { recursive: true });
    await writeFile(join(tree.path, name), content);
  }
  return tree;
}

const deep = Array.from({ length: 60 }, (_, i) => `level ${i}`).join('/');

const plain: Readonly<Record<string, string | Uint8Array>> = {
  'plain.txt': 'The quick brown fox. The lazy dog.\nThe end',
  'crlf.txt': 'one\r\ntwo\r\nthree\r\n',
  'marks.txt': 'e\u0301te\u0301 cafe\u0301 caf\u00e9 nai\u0308ve \u0915\u094d\u0937 \u0e01\u0e33',
  'digits.txt': 'abc1def 2nd x86 h2o \u0663\u0664 a\u00b2b under_score hy-phen don\u2019t',
  'scripts.txt': 'Straße ÀÉÎ привет ПРИВЕТ 日本語 한국어 עברית العربية ǅ ªº 𝒜𝒷 𐐀𐐨 ʰ',
  'nul.bin': 'before\0after\0\0x\u0001y',
  'bom.txt': '\ufeffbom\ufeffbom',
  'only a bom.txt': '\ufeff',
  'empty.txt': '',
  'no words.txt': '1234 5678 --- \n\n _ 99',
  'edge.txt': 'word',
  'name with  spaces.txt': 'spaces',
  'name\nwith\nnewlines.txt': 'newlines',
  '-rf': 'dashes',
  ключ: 'cyrillic name',
  'git/.github/x.yml': 'github is not git',
  'sub/.git/config': 'never counted',
  '.git/objects/ab': 'never counted either',
  '.hidden/.file': 'hidden files count',
  'invalid.txt': Buffer.from([0x61, 0xff, 0x62]),
  'cut off.txt': Buffer.from([0x61, 0x20, 0xe2, 0x82]),
  'surrogate.txt': Buffer.from([0xed, 0xa0, 0x80]),
  'overlong.txt': Buffer.from([0xc0, 0xaf]),
  'latin1.txt': Buffer.from('caf\u00e9', 'latin1'),
  'ties/a.txt': 'tied tied knot knot zeta zeta alpha alpha beta beta the the the',
  [`${deep}/deep.txt`]: 'deep down',
};

/** A file of nothing but different words: the report of it is as long as they come. */
export function distinctWords(bytes: number): Buffer {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const word = Buffer.alloc(6, ' ');
  const text = Buffer.alloc(bytes, ' ');
  for (let i = 0, at = 0; at + 6 <= bytes; i += 1, at += 6) {
    for (let digit = 0, rest = i; digit < 5; digit += 1, rest = Math.floor(rest / 26)) {
      word.write(letters.charAt(rest % 26), digit);
    }
    word.copy(text, at);
  }
  return text;
}

/** A tree with a file of every kind that could go wrong, all of them readable. */
export async function nastyTree(): Promise<Tree> {
  const tree = await treeOf(plain);
  const at = (name: string): string => join(tree.path, name);
  await writeFile(at('exactly.txt'), Buffer.alloc(8 << 20, 'as much as counts; '));
  await writeFile(at('larger.txt'), Buffer.alloc((8 << 20) + 1, 'a '));
  await writeFile(
    Buffer.concat([Buffer.from(`${tree.path}/`), Buffer.from([0xff, 0xfe, 0x2e])]),
    'odd name',
  );
  await mkdir(at('empty directory'));
  await symlink(at('plain.txt'), at('link to a file'));
  await symlink(at('sub'), at('link to a directory'));
  await symlink('..', at('sub/link upwards'));
  await symlink('nowhere', at('dangling link'));
  await run('mkfifo', [at('fifo')], { cwd: tree.path });
  const server = createServer().listen(at('socket'));
  return {
    path: tree.path,
    async [Symbol.asyncDispose]() {
      server.close();
      await tree[Symbol.asyncDispose]();
    },
  };
}

/**
 * Adds a file and a directory that nobody can read, not even root: their paths are longer than the
 * system takes.
 */
export function addUnreadable(tree: Tree): void {
  const enter = 'mkdir "$name" && cd -P "$name" || exit 1';
  const script = `
    name=$(printf '%0200d' 0)
    while [ $(pwd | wc -c) -lt 3850 ]; do ${enter}; done
    name=$(printf '%0230d' 1)
    echo unreadable words > "$name"
    name=$(printf '%0220d' 2)
    ${enter}
    echo out of sight > file
  `;
  const { status, stderr } = spawnSync('bash', ['-c', script], { cwd: tree.path, timeout: 15_000 });
  if (status !== 0) throw new Error(String(stderr));
}

/** A tree of so many files of some 200 KB each, all alike. */
export async function largeTree(files: number): Promise<Tree> {
  const tree = await emptyTree();
  const content = distinctWords(100_000).toString().repeat(2);
  for (let i = 0; i < files; i += 1) await writeFile(join(tree.path, `file ${i}.txt`), content);
  return tree;
}
