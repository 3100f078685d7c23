//! Invented names, with the surnames of the area at about their frequency. Any likeness is chance.

use super::random::Random;

const SURNAMES: [(&str, usize); 56] = [
    ("刘", 120),
    ("陈", 92),
    ("谭", 74),
    ("王", 58),
    ("李", 58),
    ("易", 50),
    ("罗", 50),
    ("文", 44),
    ("夏", 40),
    ("贺", 38),
    ("周", 38),
    ("丁", 32),
    ("尹", 30),
    ("欧阳", 30),
    ("肖", 30),
    ("彭", 28),
    ("蔡", 27),
    ("吴", 26),
    ("胡", 24),
    ("张", 24),
    ("黄", 23),
    ("龙", 22),
    ("杨", 22),
    ("邓", 20),
    ("谢", 20),
    ("颜", 18),
    ("余", 18),
    ("洪", 16),
    ("皮", 15),
    ("曾", 15),
    ("段", 14),
    ("单", 13),
    ("江", 13),
    ("宁", 12),
    ("何", 12),
    ("朱", 12),
    ("徐", 11),
    ("符", 10),
    ("苏", 10),
    ("唐", 10),
    ("廖", 10),
    ("康", 9),
    ("汤", 9),
    ("阳", 9),
    ("晏", 8),
    ("向", 8),
    ("凌", 7),
    ("钟", 7),
    ("戴", 6),
    ("邹", 6),
    ("雷", 6),
    ("袁", 6),
    ("侯", 5),
    ("匡", 4),
    ("上官", 1),
    ("司马", 1),
];

const MEN_FIRST: [&str; 46] = [
    "建", "国", "志", "新", "光", "德", "家", "正", "小", "冬", "春", "秋", "运", "福", "金", "水", "石", "海", "伟",
    "文", "明", "立", "永", "忠", "四", "云", "少", "祖", "南", "湘", "爱", "胜", "军", "俊", "晓", "良", "学", "振",
    "友", "江", "雪", "长", "若", "子", "宇", "浩",
];
const MEN_SECOND: [&str; 44] = [
    "华", "平", "生", "林", "民", "国", "强", "军", "祥", "荣", "清", "文", "辉", "龙", "根", "初", "云", "兵", "勇",
    "贵", "元", "球", "松", "斌", "良", "武", "雄", "南", "山", "泉", "安", "波", "峰", "成", "红", "仔", "来", "保",
    "晖", "轩", "涛", "杰", "鹏", "毅",
];
const WOMEN_FIRST: [&str; 32] = [
    "小", "秀", "桂", "玉", "春", "四", "冬", "金", "美", "丽", "月", "雪", "红", "艳", "晓", "淑", "凤", "爱", "翠",
    "云", "菊", "慧", "海", "湘", "水", "元", "建", "细", "满", "思", "雨", "欣",
];
const WOMEN_SECOND: [&str; 32] = [
    "兰", "英", "秀", "莲", "香", "梅", "珍", "华", "娥", "芳", "玲", "云", "连", "红", "平", "娟", "霞", "燕", "萍",
    "花", "媛", "清", "凤", "桃", "姣", "仔", "琴", "慧", "婷", "怡", "琳", "丹",
];
const MEN_ONE: [&str; 24] = [
    "勇", "军", "伟", "斌", "平", "强", "辉", "波", "亮", "毅", "敏", "俊", "涛", "兵", "华", "明", "峰", "杰", "晖",
    "新", "超", "林", "刚", "磊",
];
const WOMEN_ONE: [&str; 18] =
    ["敏", "丽", "娟", "艳", "红", "霞", "芳", "燕", "慧", "静", "英", "琴", "雪", "倩", "婷", "玲", "萍", "颖"];

/// A name; `women` in a thousand are women's, three in eleven have one character after the surname.
pub(super) fn person(random: &mut Random, women: usize) -> String {
    let surname = *random.weighed(&SURNAMES);
    let female = random.chance(women);
    if random.chance(270) {
        let given = if female { random.pick(&WOMEN_ONE) } else { random.pick(&MEN_ONE) };
        return format!("{surname}{given}");
    }
    loop {
        let (first, second) = if female {
            (random.pick(&WOMEN_FIRST), random.pick(&WOMEN_SECOND))
        } else {
            (random.pick(&MEN_FIRST), random.pick(&MEN_SECOND))
        };
        if first != second {
            return format!("{surname}{first}{second}");
        }
    }
}

/// A mobile number from ranges that carriers use; the digits after them are invented.
pub(super) fn phone(random: &mut Random) -> String {
    let range = random.pick(&["137", "138", "139", "150", "151", "158", "177", "180", "187", "189", "198"]);
    format!("{range}{:08}", random.below(100_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_to_four_characters_and_some_have_two() {
        let mut random = Random::of(1, "names");
        let names: Vec<String> = (0..4_000).map(|_| person(&mut random, 300)).collect();
        let of = |n| names.iter().filter(|name| name.chars().count() == n).count();
        assert_eq!(of(2) + of(3) + of(4), 4_000);
        assert!((900..1_300).contains(&of(2)), "{}", of(2));
        assert!(names.iter().any(|name| name.starts_with("欧阳") && name.chars().count() == 4));
    }

    #[test]
    fn phones_have_eleven_digits() {
        let mut random = Random::of(1, "phones");
        for _ in 0..500 {
            let phone = phone(&mut random);
            assert!(phone.len() == 11 && phone.bytes().all(|byte| byte.is_ascii_digit()), "{phone}");
        }
    }
}
