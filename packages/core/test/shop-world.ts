import * as c from '../src/columns.ts'
import { defineModel } from '../src/index.ts'
import { softDelete, timestamps, versioned } from '../src/models.ts'
import { setupModels } from './model-world.ts'

const authors = defineModel('authors', {
  id: c.integer().primaryKey(),
  name: c.text(),
  ...softDelete(),
})

export const posts = defineModel('posts', {
  id: c.integer().primaryKey(),
  authorId: c.integer().nullable(),
  title: c.text(),
  ...timestamps(),
  ...softDelete(),
  ...versioned(),
})

const tags = defineModel('tags', { id: c.integer().primaryKey(), label: c.text() })

/**
 * Authors 1 and 2 are there, 3 is deleted. Posts 1 (of 1), 2 (of 2), 3 (of 3) and 4 (of nobody) are there, 5 (of 1) and 6 (of 3) are
 * deleted. Each was changed last long ago.
 */
const ddl = `
  create table authors (id int primary key, name text not null, deleted_at timestamptz);
  create table posts (
    id int primary key, author_id int, title text not null,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
    deleted_at timestamptz, version int not null default 1
  );
  create table tags (id int primary key, label text not null);
  insert into authors values (1, 'ada', null), (2, 'bob', null), (3, 'cleo', '2020-01-01');
  insert into posts (id, author_id, title, created_at, updated_at, deleted_at) values
    (1, 1, 'one', '2020-01-01', '2020-01-01', null), (2, 2, 'two', '2020-01-01', '2020-01-01', null),
    (3, 3, 'three', '2020-01-01', '2020-01-01', null), (4, null, 'four', '2020-01-01', '2020-01-01', null),
    (5, 1, 'five', '2020-01-01', '2020-01-01', '2020-02-02'), (6, 3, 'six', '2020-01-01', '2020-01-01', '2020-03-03');
  insert into tags values (1, 'one'), (2, 'two')`

export const setupShop = () => setupModels({ authors, posts, tags }, ddl)
