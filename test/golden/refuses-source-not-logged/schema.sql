create unlogged table cache (id int primary key, body text);
