//! Matters of 2009 and 2010 that leaders took upon themselves, as villagers would tell them, with the law of then. All
//! invented.
//!
//! `{v}` is the village, `{n}` a small number, `{h}` households, `{y}` yuan.

/// A kind of matter.
#[derive(Debug)]
pub(super) struct Matter {
    /// Word of `petitions::rules::Theme`.
    pub(super) theme: &'static str,
    pub(super) title: &'static str,
    pub(super) told: &'static str,
    /// Code of the unit whose business it is; empty: the township.
    pub(super) unit: &'static str,
    pub(super) facts: &'static str,
    pub(super) basis: &'static str,
    /// What is decided where the matter is resolved.
    pub(super) reply: &'static str,
    /// What is answered where it is not.
    pub(super) unresolved: &'static str,
}

pub(super) const MATTERS: [Matter; 10] = [
    Matter {
        theme: "mining",
        title: "煤矿采空区房屋开裂，要求鉴定补偿",
        told: "{v}靠矿井采区的{h}户，墙体陆续开裂，下雨渗水。要求请有资质的单位鉴定，是采煤造成的就补偿。",
        unit: "GTJ",
        facts: "经现场查看并委托鉴定，{h}户房屋开裂与采空区地表移动有关，其中{n}户须加固。",
        basis: "《地质灾害防治条例》第三十五条",
        reply: "由煤矿按鉴定等级承担维修和补偿，{n}户先行加固，补偿协议在村务公开栏公示。",
        unresolved: "鉴定认为开裂与采煤没有直接关系，按危房改造政策帮助维修，不属企业补偿范围。",
    },
    Matter {
        theme: "mining",
        title: "采煤后山塘漏水，稻田插不下秧",
        told: "采空以后{v}的山塘蓄不住水，{n}0多亩水田连续两年插不下秧。要求恢复水源，补偿损失。",
        unit: "GTJ",
        facts: "山塘渗漏属实，受影响水田{n}2亩，涉及{h}户。",
        basis: "《土地复垦规定》",
        reply: "由企业出资整修山塘、铺设输水管{n}00米，当年损失按亩产核算补偿。",
        unresolved: "水源恢复方案已定，企业改制期间资金没有落实，每年先按旱地补助发放。",
    },
    Matter {
        theme: "mining",
        title: "关闭煤矿矽肺工人的待遇",
        told: "我们{h}人在原来的乡办煤矿做了多年，查出矽肺，煤矿关闭以后没有人管。要求按工伤给待遇。",
        unit: "RSJ",
        facts: "{h}人持有职业病诊断证明，原煤矿已关闭，没有参加工伤保险。",
        basis: "《工伤保险条例》第十四条",
        reply: "由乡镇按关闭协议中的留存资金支付，不足部分列入县财政救助，逐人签订协议。",
        unresolved: "劳动关系材料不齐，工伤认定机关没有受理，先按大病救助发放生活补助。",
    },
    Matter {
        theme: "enterprise",
        title: "企业改制后拖欠职工工资和安置费",
        told: "厂里改制已经几年，{h}名职工的安置费和{n}个月工资还没有付清，合计{y}元。要求一次结清。",
        unit: "JJJ",
        facts: "改制方案经职工代表大会通过，尚欠{h}人工资和安置费{y}元。",
        basis: "《劳动法》第五十条",
        reply: "处置厂区闲置土地所得专户支付，{h}人工资和安置费已造册发放。",
        unresolved: "申请人已领取一次性安置费并签字，要求再按新标准补发没有政策依据。",
    },
    Matter {
        theme: "enterprise",
        title: "花炮厂与住房的安全距离不够",
        told: "{v}后面的花炮厂扩了工房，离最近的住房不到百米，{h}户睡不安稳。要求查清，不合法就搬走。",
        unit: "AJJ",
        facts: "新建工房距最近住房{n}8米，小于规定的安全距离，没有办理变更手续。",
        basis: "《烟花爆竹安全管理条例》第八条",
        reply: "责令停止使用并拆除新建工房，拆除完毕，群众代表到场查看。",
        unresolved: "工房已停用，群众要求整厂搬迁；整厂手续合法，搬迁须纳入全县规划另行研究。",
    },
    Matter {
        theme: "servicemen",
        title: "参战退役人员要求落实生活补助",
        told: "我们{n}人参过战，退伍回乡务农，年纪大了，补助没有落实。要求按政策发放。",
        unit: "MZJ",
        facts: "经核对档案，其中大部分人符合参战退役人员身份认定条件，材料不齐造成延误。",
        basis: "《军人抚恤优待条例》和民政部关于参战退役人员生活补助的规定",
        reply: "身份认定完成，生活补助从认定之月起发放，欠发部分一次补发。",
        unresolved: "档案中没有参战记载，未能认定身份；已列为困难户，按社会救助政策帮助。",
    },
    Matter {
        theme: "servicemen",
        title: "转业安置到企业后下岗，要求重新安置",
        told: "当年转业安置到县属企业，企业垮了，我们{n}人下岗多年，社保也断了。要求重新安置。",
        unit: "MZJ",
        facts: "申请人安置手续齐全，企业改制时已解除劳动关系，社会保险中断。",
        basis: "《退伍义务兵安置条例》",
        reply: "社会保险由县财政补贴接续，{n}人安排公益性岗位，本人签字同意。",
        unresolved: "安置已经履行完毕，重新安置没有政策依据；社会保险接续已经办理。",
    },
    Matter {
        theme: "land",
        title: "修路征地补偿款没有足额到户",
        told: "修公路征了{v}的田土，{h}户的补偿款差一截，村里账目没有公开。要求公布账目，补足差额。",
        unit: "GTJ",
        facts: "{h}户补偿款拨到村集体账户，其中{y}元没有发放到户，账目没有公开。",
        basis: "《土地管理法》第四十七条",
        reply: "差额{y}元已发放到户，账目逐项公布，村民代表签字。",
        unresolved: "补偿款已按当年标准发放到户并公示，要求按后来提高的标准补发没有依据。",
    },
    Matter {
        theme: "land",
        title: "水库移民后期扶持人口核定有出入",
        told: "{v}{h}户移民没有登记进后期扶持名册，每年的直补领不到。要求重新核定。",
        unit: "YMJ",
        facts: "原始搬迁名册与登记名册有出入，{h}户中多数属漏登。",
        basis: "《大中型水利水电工程建设征地补偿和移民安置条例》",
        reply: "漏登人口经公示补登进名册，直补资金补发到户。",
        unresolved: "自行投亲迁入的人口不在核定范围，已列入库区产业扶持项目。",
    },
    Matter {
        theme: "land",
        title: "山林权属纠纷多年没有处理",
        told: "{v}和邻村为一片山林争了多年，{h}户的林权证办不下来。要求县里确权。",
        unit: "",
        facts: "双方所持山林清册四至重叠，争议面积{n}0余亩，涉及{h}户。",
        basis: "《森林法》第十七条、《林木林地权属争议处理办法》",
        reply: "经乡镇主持调解，双方划定界线并埋设界桩，签订协议，林权证已经办理。",
        unresolved: "调解没有达成一致，已作出处理决定，告知当事人可以申请行政复议。",
    },
];

/// What a leader notes of each of the five duties.
pub(super) const INVESTIGATED: [&str; 3] = [
    "到现场查看，听取群众代表意见，核对有关资料。",
    "召集责任单位和村组到现场，逐户核实情况。",
    "调阅档案和账目，上门听取当事人陈述。",
];
pub(super) const HANDLED: [&str; 3] = [
    "召开协调会，明确责任单位、方案和时限。",
    "现场交办，责任单位拿出方案，资金来源确定。",
    "会同有关部门研究政策依据，形成处理意见。",
];
pub(super) const EXPLAINED: [&str; 3] = [
    "当面向群众代表说明进展，大家同意等候处理结果。",
    "上门解释政策，约定下次见面时间。",
    "与群众代表座谈，听取对方案的意见。",
];
pub(super) const SETTLED: [&str; 3] =
    ["当事人对处理意见表示接受。", "与当事人见面，问题解决，表示不再上访。", "向群众代表通报结果，大家没有不同意见。"];
pub(super) const CALLED_BACK: [&str; 3] =
    ["回访当事人，落实情况良好。", "上门回访，补偿已经到户，没有反复。", "回访，群众对结果满意。"];

/// What petitioners said when they were called back.
pub(super) const CONTENT: [&str; 3] =
    ["本人表示问题已经解决。", "代表说补偿已经到位，没有新的诉求。", "本人签收答复，表示理解和接受。"];
pub(super) const NOT_CONTENT: [&str; 4] = [
    "本人不接受答复，仍要求按原来的诉求解决，已告知复查途径。",
    "代表说方案没有落实，问题没有解决。",
    "本人对政策有不同看法，要求继续向上级反映。",
    "多数户已经接受，还有几户坚持原来的要求。",
];
