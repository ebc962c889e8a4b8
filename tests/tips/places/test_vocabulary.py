from tips.places.vocabulary import bearings, cues, introducers, preload, situations, units, words

LANGUAGES = {
    "English": ("bridge", "toward", "kilometre"),
    "Spanish": ("puente", "hacia", "kilómetro"),
    "French": ("pont", "vers", "kilomètre"),
    "Portuguese": ("ponte", "em direção a", "quilômetro"),
    "Chinese": ("大桥", "往", "公里"),
    "Thai": ("สะพาน", "ไปทาง", "กิโลเมตร"),
    "Burmese": ("တံတား", "ဘက်", "ကီလိုမီတာ"),
    "Vietnamese": ("cầu", "về phía", "cây số"),
    "Lao": ("ຂົວ", "ໄປທາງ", "ກິໂລແມັດ"),
    "Khmer": ("ស្ពាន", "ឆ្ពោះទៅ", "គីឡូម៉ែត្រ"),
    "Malay and Indonesian": ("jambatan", "ke arah", "kilometer"),
    "Swahili": ("daraja", "kuelekea", "kilomita"),
    "Arabic": ("جسر", "باتجاه", "كيلومتر"),
    "Russian": ("мост", "в сторону", "километр"),
    "Turkish": ("köprü", "doğru", "kilometre"),
    "Urdu": ("پل", "کی طرف", "کلومیٹر"),
    "Hindi": ("पुल", "की ओर", "किलोमीटर"),
    "Bengali": ("সেতু", "এর দিকে", "কিলোমিটার"),
    "Hindi in Latin letters": ("setu", "ki taraf", "kilo meter"),
    "Bengali in Latin letters": ("brij", "er dike", "kilomiter"),
}


def payloads(index, word):
    from tips.places.script import fold

    return [hit.payload for hit in index.find(fold(word))]


def test_every_language_has_words_for_kinds_directions_and_units():
    for language, (kind, toward, unit) in LANGUAGES.items():
        assert "bridge" in payloads(words().kinds, kind), language
        assert "toward" in {cue.role for cue in payloads(cues(), toward)}, language
        assert 1_000 in {one.metres for one in payloads(units(), unit)}, language


def test_compass_words_have_degrees():
    assert payloads(bearings(), "al noreste") == [45.0]
    assert 180.0 in payloads(bearings(), "ทิศใต้")


def test_a_word_that_is_a_weight_or_another_language_s_no_is_no_way_and_no_distance():
    assert payloads(units(), "কিলো") == []
    assert payloads(cues(), "tak") == []


def test_all_files_load_and_introducers_are_words():
    preload()
    assert {"en", "near", "de"} <= introducers()
    assert payloads(situations(), "mismo lugar") == ["same_place"]
